import type { Environment } from '../environment/environment.ts'
import { backoffDelay } from '../operators/backoff-delay.ts'
import type { MembersFrame, PresenceFrame, Revision } from '../protocol/frames.ts'
import type { WritableState } from '../state/state.ts'
import type { MemberList } from './member-list.ts'
import type { PresenceListStatus } from './presence.ts'

/** How long an answer may take, in milliseconds. */
const ANSWER_WITHIN = 10_000
/** How long a head may be ahead of the changes that lead to it, in milliseconds. */
const PATIENCE = 1_000
/** How long typing and cursors are shown after the connection is lost, in milliseconds: a short cut is not seen. */
const MOMENT = 5_000
/** Changes that wait for the list that they may belong to. What is more makes a gap, and the list is asked for again. */
const EARLY = 256

/** Keeps the list as the hub has it: asks for it, follows the changes, and asks anew when it has missed some. */
export interface Watcher {
  want(wanted: boolean): void
  /** The hub has confirmed the join. */
  joined(): void
  /** There is no session any more; or no access, then what was known is forgotten. */
  left(forget: boolean): void
  members(frame: MembersFrame): void
  presence(frame: PresenceFrame): void
  /** How far the hub says that it has come. */
  head(revision: Revision): void
  /** Something came that can't be understood. */
  missed(): void
}

export const createWatcher = (options: {
  readonly environment: Environment
  readonly list: MemberList
  readonly status$: WritableState<PresenceListStatus>
  send(type: 'watch' | 'unwatch'): void
}): Watcher => {
  const { environment, list, status$, send } = options
  const { now, random, setTimer } = environment
  let wanted = false
  let joined = false
  let era: string | undefined
  let count = 0
  /** Nothing was missed since the list came. */
  let whole = false
  let asked = false
  /** Lists asked for in a row since one that could be followed. */
  let attempts = 0
  let lostAt: number | undefined
  let early: PresenceFrame[] = []
  let cancelNext: (() => void) | undefined
  let cancelDoubt: (() => void) | undefined
  let cancelMoment: (() => void) | undefined
  let newest: Revision | undefined

  const show = (): void =>
    status$.set(!wanted ? 'idle' : era === undefined ? 'loading' : whole ? 'live' : 'stale')

  const rest = (): void => {
    cancelNext?.()
    cancelDoubt?.()
    cancelNext = cancelDoubt = undefined
    asked = false
    early = []
  }
  const ask = (): void => {
    rest()
    asked = true
    send('watch')
    cancelNext = setTimer(ANSWER_WITHIN, () => {
      rest()
      askAgain()
    })
  }
  /** One at a time, and later and later, spread for all who missed the same. */
  const askAgain = (): void => {
    whole = false
    show()
    if (!wanted || !joined || cancelNext) return
    attempts++
    cancelNext = setTimer(backoffDelay({ firstDelay: 500 }, attempts, random, 200), ask)
  }

  const follow = ({ after, revision, changes }: PresenceFrame) => {
    const [of, through] = revision
    if (of !== era) return askAgain()
    if (through <= count) return
    const fits = after <= count
    // What can be known is shown at once: each change stands for itself, and the list to come mends the rest.
    count = through
    list.apply(changes)
    if (!fits) askAgain()
    else if (whole) attempts = 0
  }
  const isBehind = ([of, through]: Revision): boolean => of !== era || through > count
  const found = (): void => {
    lostAt = undefined
    cancelMoment?.()
    cancelMoment = undefined
  }
  const lost = (): void => {
    if (era === undefined) return
    lostAt ??= now()
    cancelMoment ??= setTimer(MOMENT, list.hush)
  }
  const forget = (): void => {
    found()
    era = undefined
    list.clear()
  }

  return {
    want: (on) => {
      if (wanted === on) return
      wanted = on
      if (on) {
        if (joined) ask()
      } else {
        if (joined) send('unwatch')
        rest()
        forget()
      }
      show()
    },
    joined: () => {
      joined = true
      attempts = 0
      if (wanted) ask()
    },
    left: (forgets) => {
      joined = whole = false
      rest()
      if (forgets) forget()
      else lost()
      show()
    },
    members: ({ revision, grace, members }) => {
      // The hub sends it unasked to one who was slow. One that is no news was asked for once too often.
      if (!wanted || !joined || (!asked && !isBehind(revision))) return
      const waiting = early
      rest()
      const restarted = era !== undefined && revision[0] !== era
      const inTime = now() - (lostAt ?? now()) <= grace
      ;[era, count] = revision
      whole = true
      found()
      list.load(members, restarted && inTime ? grace : undefined)
      for (const frame of waiting) follow(frame)
      show()
    },
    presence: (frame) => {
      if (!wanted) return
      if (asked && early.length < EARLY) early.push(frame)
      if (era !== undefined) follow(frame)
    },
    head: (revision) => {
      newest = revision
      if (!wanted || !joined || cancelNext || era === undefined) return
      if (!isBehind(revision)) attempts = 0
      else
        cancelDoubt ??= setTimer(PATIENCE, () => {
          cancelDoubt = undefined
          if (newest && isBehind(newest)) askAgain()
        })
    },
    missed: () => {
      if (asked) rest()
      askAgain()
    },
  }
}
