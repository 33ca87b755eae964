import type { Environment } from '../environment/environment.ts'

/** One wait at a time. */
export interface Pause {
  readonly on: boolean
  /** The other side asked for it: it is no guess of ours. */
  readonly asked: boolean
  start(delay: number, asked: boolean): void
  end(): void
}

/** @param over runs when a wait has passed, not when it was ended. */
export const createPause = ({ setTimer }: Environment, over: () => void): Pause => {
  let cancel: (() => void) | undefined
  let asked = false
  const end = (): void => {
    cancel?.()
    cancel = undefined
    asked = false
  }
  return {
    get on() {
      return cancel !== undefined
    },
    get asked() {
      return asked
    },
    start: (delay, isAsked) => {
      end()
      asked = isAsked
      cancel = setTimer(delay, () => {
        end()
        over()
      })
    },
    end,
  }
}
