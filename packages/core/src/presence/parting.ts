import type { Observable } from 'rxjs'
import type { Environment } from '../environment/environment.ts'
import type { HubFrame } from '../protocol/frames.ts'
import type { HubLink } from '../transport/hub-link.ts'

/** How long a client that closes waits for the hub to take its leave, in milliseconds. */
const PARTING = 500

/** Resolves when the hub has taken everything that was sent up to now, as its answer shows; or soon. */
export const answered = (
  link: HubLink,
  name: string,
  frames$: Observable<HubFrame>,
  { setTimer }: Environment,
): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      cancel()
      subscription.unsubscribe()
      resolve()
    }
    const cancel = setTimer(PARTING, done)
    const subscription = frames$.subscribe(({ type }) => type === 'heads' && done())
    link.send({ type: 'heads', channels: [name] })
  })
