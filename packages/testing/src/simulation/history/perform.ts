import { appSteps } from './app-steps.ts'
import { hubSteps } from './hub-steps.ts'
import { networkSteps } from './network-steps.ts'
import type { Acts, Scene } from './scene.ts'
import type { Step } from './steps.ts'
import { tabSteps } from './tab-steps.ts'

/** Does what a step says; what cannot be done is left out. */
export const createPerformer = (scene: Scene): ((step: Step) => void) => {
  const acts: Acts<Step['do']> = {
    ...appSteps(scene),
    ...tabSteps(scene),
    ...networkSteps(scene),
    ...hubSteps(scene),
  }
  return (step) => {
    const { after: _, do: what, ...rest } = step
    scene.chronicle.log(`— ${what} ${JSON.stringify(rest)}`)
    ;(acts[what] as (step: Step) => void)(step)
  }
}
