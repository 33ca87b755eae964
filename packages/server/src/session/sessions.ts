import type { HubEnvironment } from '../environment/hub-environment.ts'
import type { Session, SessionKeeper } from './session.ts'

/** All links of a hub, and its heartbeat. */
export interface Sessions extends SessionKeeper {
  /** Links, those still opening included. */
  readonly size: number
  /** Links that are not open yet. */
  readonly opening: number
  /** The link is there and counts, though it is not open yet. */
  connected(session: Session): void
  of(subject: string): Iterable<Session>
  all(): Iterable<Session>
}

/** Sessions take their turns within a heartbeat, so that ten thousand do not all send at once. */
const slots = 12
/** Of the heartbeat promised: what a timer is late must not break the promise. */
const share = 0.8

export const createSessions = (environment: HubEnvironment, heartbeat: number): Sessions => {
  const connected = new Set<Session>()
  const opening = new Set<Session>()
  const bySubject = new Map<string, Set<Session>>()
  const turns: Set<Session>[] = Array.from({ length: slots }, () => new Set())
  let assigned = 0
  let turn = 0
  let cancel: (() => void) | undefined

  const tick = (): void => {
    cancel = undefined
    const now = environment.now()
    turn = (turn + 1) % slots
    for (const session of [...(turns[turn] ?? [])]) session.beat(now)
    schedule()
  }
  const schedule = (): void => {
    if (!cancel && connected.size > 0) cancel = environment.setTimer((heartbeat * share) / slots, tick)
  }
  const none: readonly Session[] = []

  return {
    get size() {
      return connected.size
    },
    get opening() {
      return opening.size
    },
    connected: (session) => {
      connected.add(session)
      opening.add(session)
      schedule()
    },
    opened: (session) => {
      opening.delete(session)
      const mine = turns[assigned++ % slots]
      session.turn = mine?.add(session)
      const same = bySubject.get(session.user.id)
      if (same) same.add(session)
      else bySubject.set(session.user.id, new Set([session]))
    },
    over: (session) => {
      connected.delete(session)
      opening.delete(session)
      session.turn?.delete(session)
      const same = bySubject.get(session.user.id)
      same?.delete(session)
      if (same?.size === 0) bySubject.delete(session.user.id)
      if (connected.size > 0) return
      cancel?.()
      cancel = undefined
    },
    of: (subject) => bySubject.get(subject) ?? none,
    all: () => connected,
  }
}
