import { wake } from './calm.ts'
import type { Acts, Scene } from './scene.ts'
import type { Tab } from './tab.ts'

type Kind =
  | 'crash'
  | 'sleep'
  | 'duplicate'
  | 'identity'
  | 'provider'
  | 'upgrade'
  | 'clock'
  | 'offline'
  | 'disk'

const online = (tab: Tab): void => {
  tab.wire.door = 'open'
  tab.run?.machine.signal('online')
}

/** What becomes of a tab and of its device. */
export const tabSteps = ({ tabs, clientDisks, chronicle, circumstances, later }: Scene): Acts<Kind> => {
  const { happened } = chronicle
  const present = (index: number): Tab | undefined => (tabs[index]?.run ? tabs[index] : undefined)
  return {
    crash: (step) => {
      const tab = present(step.tab)
      if (!tab) return
      happened('client crash')
      tab.crash(step.acts)
      later(step.reopenAfter + (step.acts > 0 ? 2_000 : 0), () => tab.open())
    },
    sleep: (step) => {
      const run = tabs[step.tab]?.run
      if (!run || run.machine.asleep) return
      happened('sleeping tab')
      run.machine.signal('hidden')
      run.machine.sleep()
      later(step.ms, () => wake(run))
    },
    duplicate: (step) => {
      const [tab, of] = [tabs[step.tab], tabs[step.of]]
      if (!tab || !of?.run || tab === of || tab.settings.device !== of.settings.device) return
      // What a browser copies is of one app, which names its storages one way.
      if (tab.settings.anonymous !== of.settings.anonymous) return
      happened('duplicated tab')
      tab.crash(0)
      tab.settings.person = of.settings.person
      tab.duplicate(of)
    },
    identity: (step) => {
      const tab = tabs[step.tab]
      if (!tab || tab.settings.person === step.person) return
      happened('identity changed')
      if (step.signsOut) tab.signOut(false)
      else tab.close()
      tab.settings.person = step.person
      later(3_000, () => tab.open())
    },
    provider: (step) => {
      const tab = tabs[step.tab]
      if (!tab || tab.settings.provider === step.provider) return
      happened('provider switched')
      tab.crash(0)
      tab.settings.provider = step.provider
      tab.open()
    },
    upgrade: (step) => {
      const tab = tabs[step.tab]
      if (!tab || tab.settings.version === 2) return
      happened('contract upgraded')
      tab.crash(0)
      tab.settings.version = 2
      tab.open()
    },
    clock: (step) => {
      const tab = tabs[step.tab]
      if (!tab) return
      happened('clock jumped')
      circumstances.clockTrouble = true
      tab.settings.skew += step.ms
      if (tab.run) tab.run.machine.skew += step.ms
    },
    offline: (step) => {
      const tab = present(step.tab)
      if (!tab) return
      happened('offline')
      tab.run?.machine.signal('offline')
      tab.wire.door = 'refusing'
      tab.wire.cut()
      later(step.ms, () => online(tab))
    },
    disk: (step) => {
      const troubled = clientDisks[step.device]
      if (!troubled) return
      troubled.trouble = step.trouble
      later(step.ms, () => {
        troubled.trouble = undefined
      })
    },
  }
}
