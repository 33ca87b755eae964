import { SynclineError } from '@syncline/core'
import type { Observable, Subscription } from 'rxjs'

/** What came out of an attempt, and ways to wait for it. */
export interface Watch<Event> {
  readonly events: Event[]
  readonly subscription: Subscription
  /** Resolves with the first event that satisfies `wanted`, past ones included. */
  until<Wanted extends Event>(wanted: (event: Event) => event is Wanted): Promise<Wanted>
  /** Resolves once the attempt has ended with an error. */
  readonly failure: Promise<SynclineError>
}

/** Subscribes to an attempt of a transport, and so dials. */
export const watch = <Event>(attempt: Observable<Event>): Watch<Event> => {
  const events: Event[] = []
  const waiting = new Set<(event: Event) => void>()
  let fail: (error: unknown) => void = () => {}
  const failure = new Promise<SynclineError>((resolve, reject) => {
    fail = (error) => (error instanceof SynclineError ? resolve(error) : reject(error))
  })
  const subscription = attempt.subscribe({
    next: (event) => {
      events.push(event)
      for (const check of waiting) check(event)
    },
    error: fail,
  })
  return {
    events,
    subscription,
    failure,
    until: <Wanted extends Event>(wanted: (event: Event) => event is Wanted) =>
      new Promise<Wanted>((resolve, reject) => {
        const past = events.find(wanted)
        if (past) return resolve(past)
        const check = (event: Event) => {
          if (!wanted(event)) return
          waiting.delete(check)
          resolve(event)
        }
        waiting.add(check)
        failure.then(reject, reject)
      }),
  }
}
