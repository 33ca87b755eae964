import { inspect } from 'node:util'
import type { Observable } from 'rxjs'

export interface WaitOptions {
  /** Milliseconds of real time, enough for a busy machine: what comes takes no longer for it. Default 20,000. */
  readonly timeout?: number
  /** What is waited for, for the message of the failure. */
  readonly what?: string
}

const show = (value: unknown): string => inspect(value, { depth: 4, breakLength: 110, maxArrayLength: 20 })

const overdue = (timeout: number, what: string, last: string): Error =>
  new Error(`${what} did not come about within ${timeout} ms. ${last}`)

/** Milliseconds. */
const patience = 20_000

/**
 * Resolves with the first value that is wanted, the present one included. Rejects after `timeout` with the last
 * value in its message, and when the observable ends without it.
 *
 * @example
 * await until(client.status$, ({ at }) => at === 'connected')
 */
export const until = <T>(
  values$: Observable<T>,
  wanted: (value: T) => boolean,
  { timeout = patience, what = 'What was waited for' }: WaitOptions = {},
): Promise<T> =>
  new Promise((resolve, reject) => {
    let last = 'There was no value.'
    let done = false
    const timer = setTimeout(() => settle(() => reject(overdue(timeout, what, last))), timeout)
    const settle = (end: () => void) => {
      if (done) return
      done = true
      clearTimeout(timer)
      // The first value may come before there is a subscription.
      queueMicrotask(() => subscription.unsubscribe())
      end()
    }
    const subscription = values$.subscribe({
      next: (value) => {
        if (done) return
        last = `Last: ${show(value)}`
        try {
          if (wanted(value)) settle(() => resolve(value))
        } catch (error) {
          settle(() => reject(error))
        }
      },
      error: (error) => settle(() => reject(error)),
      complete: () => settle(() => reject(new Error(`${what} did not come before the end. ${last}`))),
    })
  })

/** Milliseconds between two looks at something that cannot be subscribed to. */
const interval = 5

/**
 * Resolves with what `check` returns once it neither throws nor returns `false` or `undefined`. For what has no
 * observable; rejects after `timeout` with the last failure as cause.
 *
 * @example
 * await eventually(() => hub.health().connections === 0)
 */
export const eventually = async <T>(
  check: () => T,
  { timeout = patience, what = 'What was waited for' }: WaitOptions = {},
): Promise<T> => {
  const deadline = performance.now() + timeout
  for (;;) {
    let failure: unknown
    try {
      const value = check()
      if (value !== false && value !== undefined) return value
      failure = value
    } catch (error) {
      failure = error
    }
    if (performance.now() > deadline)
      throw Object.assign(overdue(timeout, what, `Last: ${show(failure)}`), { cause: failure })
    await new Promise((resolve) => setTimeout(resolve, interval))
  }
}
