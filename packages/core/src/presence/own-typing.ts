import type { Environment } from '../environment/environment.ts'

/** Typing ends this long after the last sign of it, in milliseconds. */
const ENDS_AFTER = 3_000
/** Others are told again this often while it goes on, in milliseconds. */
const RENEWED_EVERY = 2_000

/** That one is typing: told at once, renewed while it goes on, ended by itself. */
export interface OwnTyping {
  readonly active: boolean
  typed(): void
  stop(): void
  /** Ends without a word. */
  clear(): void
}

export const createOwnTyping = ({ setTimer }: Environment, say: (typing: boolean) => void): OwnTyping => {
  let active = false
  let again = false
  let cancelEnd = (): void => {}
  let cancelRenewal: (() => void) | undefined

  const tell = (): void => {
    again = false
    say(true)
    cancelRenewal = setTimer(RENEWED_EVERY, () => {
      cancelRenewal = undefined
      if (again) tell()
    })
  }
  const clear = (): void => {
    active = again = false
    cancelEnd()
    cancelRenewal?.()
    cancelRenewal = undefined
  }
  const stop = (): void => {
    if (!active) return
    clear()
    say(false)
  }
  return {
    get active() {
      return active
    },
    typed: () => {
      active = again = true
      cancelEnd()
      cancelEnd = setTimer(ENDS_AFTER, stop)
      if (!cancelRenewal) tell()
    },
    stop,
    clear,
  }
}
