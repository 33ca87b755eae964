import type { ChannelHandle } from '@syncline/core'
import { channelPresence } from '@syncline/core/presence'
import type { Wire } from '../wire.ts'
import type { Contracts } from './app.ts'
import { handleOf, type ListPresence, type Run } from './run.ts'
import type { Witness } from './signs.ts'
import type { Tab, TabWorld } from './tab.ts'
import type { TabSettings } from './tab-settings.ts'

/** After so many milliseconds all have heard of what a member did. */
const STEADY = 10_000

/** After so many milliseconds all who listen have seen what a member does for a moment. */
const SEEN = 2_000
/** After so many milliseconds nobody is shown typing who did not go on. */
const TYPING_ENDS = 20_000

/** The tab whose presence it is, as it is now. */
export interface PresentTab {
  readonly settings: TabSettings
  readonly wire: Wire
  readonly run: Run | undefined
}

export interface TabPresence extends Pick<Tab, 'present' | 'steadyMember' | 'watched' | 'entered'> {
  /** The app of the run looks at who is on a list. */
  watch(of: Run, list: string): void
  /** The run is over. */
  end(): void
}

/** Which lists the app of a tab enters, and whom it sees there (promise 7). */
export const createTabPresence = (tab: PresentTab, world: TabWorld): TabPresence => {
  const { scheduler, signs } = world
  const { wire } = tab
  let states = 0
  let entered = new Map<string, number>()
  /** When it entered or left a list last. */
  const moved = new Map<string, number>()

  /** Awake and connected for a while, over a link that is not broken. */
  const isAttentive = ({ machine, connectedAt, closing }: Run, quiet: number): boolean =>
    machine.alive &&
    !machine.asleep &&
    !closing &&
    connectedAt !== undefined &&
    scheduler.now - Math.max(connectedAt, machine.awakeSince) > quiet &&
    [...wire.uses].every(({ silent }) => !silent.up && !silent.down)
  const watch = (of: Run, list: string): void => {
    if (of.watching.has(list)) return
    of.watching.add(list)
    const presence = presenceOf(of, list)
    // What a provider loses is noticed with the heads only.
    const quiet = tab.settings.provider === 'direct' ? STEADY : 5 * STEADY
    let before = new Map<string, number>()
    /** Since when it has the list: a hub that takes long to answer brings it old news. */
    let liveSince: number | undefined
    presence.status$.subscribe((status) => {
      liveSince = status === 'live' ? (liveSince ?? scheduler.now) : undefined
    })
    const isListening = (): boolean =>
      isAttentive(of, quiet) && liveSince !== undefined && scheduler.now - liveSince > quiet
    presence.members$.subscribe((members) => {
      if (!of.machine.alive) return
      const now = new Map(members.map(({ id, since }) => [id, since]))
      for (const [id, since] of before)
        if (now.get(id) !== since && isListening() && world.isSteady(list, id, quiet))
          world.violated(
            'presence',
            `${of.name} sees ${id} ${now.has(id) ? 'leave and enter again' : 'leave'} on ${list}, who has done neither`,
          )
      before = now
    })
    watchSigns(of, list, presence, isListening)
  }
  /** Not on a link of which nobody told it yet that the hub at its end is gone. */
  const isOnPresentHub = ({ connectedAt = 0 }: Run): boolean =>
    connectedAt > (world.endpoint.process?.machine.awakeSince ?? Number.POSITIVE_INFINITY)
  const watchSigns = (of: Run, list: string, presence: ListPresence, isListening: () => boolean): void => {
    const typing = new Map<string, object>()
    const lastSeen = new Map<string, number>()
    const cursors = new Map<string, number>()
    const witness: Witness = {
      name: of.name,
      list,
      isListening: () =>
        tab.run === of && tab.settings.provider === 'direct' && isListening() && isOnPresentHub(of),
      sawTyping: (id, since) => typing.has(id) || (lastSeen.get(id) ?? 0) >= since,
      cursorOf: (id) => cursors.get(id),
    }
    signs.witnesses.add(witness)
    of.machine.onDeath(() => signs.witnesses.delete(witness))
    const started = (id: string): void => {
      const spell = {}
      typing.set(id, spell)
      of.machine.deliver(TYPING_ENDS, () => {
        if (typing.get(id) === spell && scheduler.now - signs.lastTyped(list, id) > TYPING_ENDS)
          world.violated('presence', `${of.name} still sees ${id} typing on ${list}`)
      })
    }
    presence.members$.subscribe((members) => {
      const now = new Set(members.flatMap(({ id, typing: types, self }) => (types && !self ? [id] : [])))
      for (const id of now) {
        lastSeen.set(id, scheduler.now)
        if (!typing.has(id)) started(id)
      }
      for (const id of typing.keys()) if (!now.has(id)) typing.delete(id)
    })
    presence.cursors$.subscribe((shown) => {
      for (const { member, cursor } of shown) cursors.set(member.id, cursor)
    })
  }
  /** Whoever listens while a steady member does something for a moment sees it soon. */
  const expectSeen = (
    of: Run,
    list: string,
    what: string,
    isSeen: (by: Witness, id: string) => boolean,
  ): void => {
    const { at, id } = of.presences.get(list)?.self$.get() ?? {}
    // Who could not come back in after a cut has its id still, and what it does is not kept for later.
    if (at !== 'inside' || id === undefined) return
    scheduler.after(SEEN, () => {
      if (tab.run !== of || !world.isSteady(list, id, 2 * SEEN)) return
      for (const witness of signs.witnesses)
        if (
          witness.list === list &&
          witness.name !== of.name &&
          witness.isListening() &&
          !isSeen(witness, id)
        )
          world.violated('presence', `${witness.name} does not see the ${what} of ${id} on ${list}`)
    })
  }
  const type = (of: Run, list: string, presence: ListPresence): void => {
    const at = scheduler.now
    const { id } = presence.self$.get()
    if (id !== undefined) signs.typed(list, id, at)
    presence.typing()
    expectSeen(of, list, 'typing', (witness, who) => witness.sawTyping(who, at))
  }
  const point = (of: Run, list: string, presence: ListPresence): void => {
    const cursor = ++states
    presence.moveCursor(cursor)
    expectSeen(of, list, 'cursor', (witness, who) => (witness.cursorOf(who) ?? 0) >= cursor)
  }
  const presenceOf = (of: Run, list: string): ListPresence => {
    const known = of.presences.get(list)
    if (known) return known
    const made = channelPresence(handleOf(of, list, world.laterSchemas) as ChannelHandle<Contracts['list']>)
    of.presences.set(list, made)
    return made
  }

  return {
    get entered() {
      return entered
    },
    end: () => {
      entered = new Map()
    },
    watch,
    steadyMember: (list, quiet) => {
      const { run } = tab
      const self = run?.presences.get(list)?.self$.get()
      if (!run || self?.at !== 'inside' || !entered.has(list) || !isAttentive(run, quiet)) return undefined
      if (scheduler.now - (moved.get(list) ?? 0) <= quiet) return undefined
      return { id: self.id, connectedAt: run.connectedAt ?? 0 }
    },
    watched: (list) => {
      const { run } = tab
      const presence = run?.presences.get(list)
      if (!run || !presence || !run.watching.has(list)) return undefined
      return { name: run.name, status: presence.status$.get(), members: presence.members$.get() }
    },
    present: (list, act) => {
      const { run } = tab
      if (!run || run.closing || run.machine.asleep) return
      const presence = presenceOf(run, list)
      if (act === 'exit') {
        presence.exit()
        entered.delete(list)
        moved.set(list, scheduler.now)
        return
      }
      if (act === 'typing') return type(run, list, presence)
      if (act === 'cursor') return point(run, list, presence)
      if (act === 'update' && !entered.has(list)) return
      if (!entered.has(list)) moved.set(list, scheduler.now)
      entered.set(list, ++states)
      if (act === 'enter') presence.enter({ name: run.person, n: states })
      else presence.update({ name: run.person, n: states })
      return
    },
  }
}
