import type { Environment } from '../environment/environment.ts'
import { fromWireError, type SynclineError } from '../errors/syncline-error.ts'
import { backoffDelay } from '../operators/backoff-delay.ts'
import type { ClientFrame, EnteredFrame, ExitedFrame } from '../protocol/frames.ts'
import type { WritableState } from '../state/state.ts'
import { type Attention, createAttention } from './attention.ts'
import { createLatest } from './latest.ts'
import { createOwnTyping } from './own-typing.ts'
import type { EnterOptions, SelfPresence } from './presence.ts'

/** How long an answer may take, in milliseconds. */
const ANSWER_WITHIN = 10_000

export const outside: SelfPresence = { at: 'outside', id: undefined, error: undefined }

/** One's own presence: enters, stays, and tells what one shares. */
export interface Entrance {
  enter(state: unknown, options?: EnterOptions): () => void
  update(state: unknown): void
  exit(): void
  typing(): void
  stopTyping(): void
  moveCursor(cursor: unknown): void
  /** The hub has confirmed the join. */
  joined(): void
  /** There is no session any more; or no access, for the reason given. */
  left(refusal?: SynclineError): void
  entered(frame: EnteredFrame): void
  exited(frame: ExitedFrame): void
}

export const createEntrance = (options: {
  readonly channel: string
  readonly environment: Environment
  readonly self$: WritableState<SelfPresence>
  send(frame: ClientFrame): void
  report(error: SynclineError): void
  /** Keeps the channel joined; returns the end of that. */
  use(): () => void
  /** Has a channel that refused be joined again. */
  useAgain(): void
}): Entrance => {
  const { channel, environment, self$, send, report, use, useAgain } = options
  const holds = new Set<object>()
  let wanted = false
  let joined = false
  /** The hub was asked to let us in, and has not put us out. */
  let asked = false
  /** Left while nobody could be told. */
  let owed = false
  /** The hub wants patience. */
  let resting = false
  /** Why the channel can't be joined. */
  let refusal: SynclineError | undefined
  let state: unknown
  let text: string | undefined
  /** Counts the states; and which of them the hub was asked with. */
  let version = 0
  let askedWith = 0
  let attention: Attention | undefined
  let leave = (): void => {}
  let cancel = (): void => {}

  const latest = createLatest(environment, (change) => send({ type: 'update', channel, ...change }))
  const typing = createOwnTyping(environment, (active) => asked && latest.push({ typing: active }))

  /** Changes only. */
  const tell = (at: SelfPresence['at'], error?: SynclineError, id = self$.get().id): void => {
    const last = self$.get()
    if (at !== last.at || error !== last.error || id !== last.id) self$.set({ at, id, error })
  }
  /** Not joined. */
  const stand = (): void => tell(refusal ? 'refused' : 'entering', refusal)
  const ask = (): void => {
    cancel()
    latest.clear()
    resting = false
    asked = true
    askedWith = version
    tell('entering')
    const status = attention?.status ?? 'active'
    send({ type: 'enter', channel, state, status, ...(typing.active && { typing: true }) })
    cancel = environment.setTimer(ANSWER_WITHIN, ask)
  }
  const askIfOut = (): void => {
    if (wanted && joined && !asked && !resting) ask()
  }
  /** True when it is another one. */
  const take = (next: unknown): boolean => {
    const nextText = JSON.stringify(next)
    state = next
    if (wanted && nextText === text) return false
    text = nextText
    version++
    return true
  }
  const revise = (next: unknown): void => {
    if (!take(next)) return
    attention?.acted()
    if (asked) latest.push({ state: next })
    else askIfOut()
  }
  const exit = (): void => {
    holds.clear()
    if (!wanted) return
    wanted = resting = false
    cancel()
    latest.clear()
    typing.clear()
    attention?.stop()
    attention = undefined
    if (asked) send({ type: 'exit', channel })
    else owed = self$.get().id !== undefined
    asked = false
    self$.set(outside)
    leave()
  }
  const start = (idleAfter: number): void => {
    wanted = true
    stand()
    attention = createAttention(environment, idleAfter, (status) => asked && latest.push({ status }))
    leave = use()
    askIfOut()
  }

  return {
    enter: (next, { idleAfter = 60_000 } = {}) => {
      const hold = {}
      holds.add(hold)
      if (refusal) useAgain()
      if (wanted) {
        attention?.idleAfter(idleAfter)
        attention?.acted()
        revise(next)
        askIfOut()
      } else {
        take(next)
        start(idleAfter)
      }
      return () => {
        if (!holds.delete(hold) || holds.size) return
        queueMicrotask(() => {
          if (!holds.size) exit()
        })
      }
    },
    update: (next) => {
      if (wanted) revise(next)
    },
    exit,
    typing: () => {
      if (!wanted) return
      attention?.acted()
      typing.typed()
    },
    stopTyping: typing.stop,
    moveCursor: (cursor) => {
      attention?.acted()
      if (asked) latest.push({ cursor })
    },
    joined: () => {
      joined = true
      refusal = undefined
      if (wanted) ask()
      else if (owed) send({ type: 'exit', channel })
      owed = false
    },
    left: (because) => {
      refusal = because
      joined = asked = resting = false
      cancel()
      latest.clear()
      if (wanted) stand()
    },
    entered: ({ id }) => {
      if (!asked) return
      cancel()
      tell('inside', undefined, id)
    },
    exited: ({ error }) => {
      if (!asked) return
      cancel()
      latest.clear()
      asked = false
      const failure = fromWireError(error, channel)
      tell('refused', failure)
      report(failure)
      const { retryAfter } = failure
      if (retryAfter !== undefined) {
        resting = true
        cancel = environment.setTimer(backoffDelay({}, 1, environment.random, retryAfter), () => {
          resting = false
          askIfOut()
        })
      } else if (version !== askedWith) askIfOut() // The app has changed its mind meanwhile.
    },
  }
}
