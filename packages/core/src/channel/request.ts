import type { Environment } from '../environment/environment.ts'

/** One question at a time: open until answered or timed out, or paused before it is asked again. */
export interface Request {
  readonly open: boolean
  readonly free: boolean
  /** The question was sent. */
  ask(): void
  /** Nothing is asked before `delay` milliseconds have passed. */
  pause(delay: number): void
  /** Answered, or of no interest any more. */
  done(): void
}

/** @param again runs when a question timed out (`timeout` in milliseconds) or a pause is over. */
export const createRequest = (environment: Environment, timeout: number, again: () => void): Request => {
  let state: 'free' | 'open' | 'paused' = 'free'
  let cancel: (() => void) | undefined
  const enter = (next: typeof state, delay?: number): void => {
    cancel?.()
    cancel = undefined
    state = next
    if (delay === undefined) return
    cancel = environment.setTimer(delay, () => {
      cancel = undefined
      state = 'free'
      again()
    })
  }
  return {
    get open() {
      return state === 'open'
    },
    get free() {
      return state === 'free'
    },
    ask: () => enter('open', timeout),
    pause: (delay) => enter('paused', delay),
    done: () => enter('free'),
  }
}
