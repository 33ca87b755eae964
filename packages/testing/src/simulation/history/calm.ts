import type { Machine } from '../machine.ts'
import type { Circumstances } from './circumstances.ts'
import { isOfAnother } from './denials.ts'
import type { Followed } from './run.ts'
import type { Scene } from './scene.ts'
import type { Tab } from './tab.ts'
import { ownerOf } from './tab-settings.ts'

export const wake = ({ machine }: { readonly machine: Machine }): void => {
  machine.wake()
  machine.signal('resumed')
  machine.signal('visible')
}

/** The hub took it away for good: a client whom it asked for patience comes back by itself. */
const isLost = ({ state$ }: Followed['handle']): boolean => {
  const { phase, error } = state$.get()
  return phase === 'refused' && error?.retryAfter === undefined
}

const calmTab = (tab: Tab, { revocations }: Circumstances): void => {
  Object.assign(tab.wire, { door: 'open', rate: undefined, latency: 5 })
  const { run } = tab
  if (!run) return
  run.machine.killAfter(Number.POSITIVE_INFINITY)
  if (run.machine.asleep) wake(run)
  if (!run.machine.environment.isOnline()) run.machine.signal('online')
  if (run.client.status$.get().at === 'needs-auth') run.client.retryNow()
  for (const { handle, view } of run.followed.values()) if (isLost(handle)) view.refresh()
  // Who is on a list that was taken away uses it anew.
  for (const list of new Set([...tab.entered.keys(), ...run.watching]))
    if (revocations.some(({ person, channel }) => person === run.person && channel === list)) tab.join(list)
}

/** Ends all faults. */
export const calm = (scene: Scene): void => {
  const { chronicle, circumstances, provider, authority, disk, clientDisks, host, tabs } = scene
  chronicle.log('— all faults end')
  circumstances.calmed = true
  Object.assign(provider, { lost: 0, doubled: 0, late: 0, down: false })
  authority.trouble = undefined
  Object.assign(disk, { down: false, full: false, unanswered: 0, latency: 3 })
  for (const each of clientDisks) each.trouble = undefined
  for (const { machine } of host.alive) machine.killAfter(Number.POSITIVE_INFINITY)
  for (const tab of tabs) calmTab(tab, circumstances)
}

/** A page whose app gives no identity is loaded again, by whom its storage belongs to. */
export const ownersComeBack = ({
  tabs,
  clientDisks,
  chronicle,
}: Pick<Scene, 'tabs' | 'clientDisks' | 'chronicle'>): void => {
  for (const { settings, crash } of tabs) {
    if (!settings.anonymous) continue
    const owner = ownerOf(clientDisks[settings.device])
    settings.person = owner ?? settings.person
    chronicle.log(`— ${settings.person} comes back`)
    crash(0)
  }
}

/** Whoever was given another's token, or lost access, asks again: that there was a cause for it is checked where it comes. */
export const signInAgain = ({ tabs }: Scene): void => {
  for (const { run } of tabs) {
    if (!run) continue
    if (run.client.status$.get().at === 'needs-auth') run.client.retryNow()
    // Access that was taken away is there again for who asks.
    for (const [channel, { handle, view }] of run.followed)
      if (isLost(handle) && !isOfAnother(channel, run.person)) view.refresh()
  }
}
