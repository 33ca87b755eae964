import type { Environment } from '@syncline/core'
import { Observable, type Subscription } from 'rxjs'

/** Counts the subscriptions to any observable that have not ended: from now on, in this process. */
export const countSubscriptions = (): (() => number) => {
  const live = new Set<Subscription>()
  const { subscribe } = Observable.prototype
  Observable.prototype.subscribe = function (this: Observable<unknown>, ...args: unknown[]) {
    const subscription: Subscription = Reflect.apply(subscribe, this, args)
    if (subscription.closed) return subscription
    live.add(subscription)
    subscription.add(() => live.delete(subscription))
    return subscription
  } as typeof subscribe
  return () => live.size
}

/** The same environment, and how many of the timers that were set in it are still to come. */
export const countTimers = <E extends Pick<Environment, 'setTimer'>>(
  environment: E,
): { readonly environment: E; timers(): number } => {
  let pending = 0
  return {
    timers: () => pending,
    environment: {
      ...environment,
      setTimer: (delay: number, callback: () => void) => {
        let due = true
        const done = (): void => {
          if (due) pending--
          due = false
        }
        pending++
        const cancel = environment.setTimer(delay, () => {
          done()
          callback()
        })
        return () => {
          done()
          cancel()
        }
      },
    },
  }
}

/** Remembers objects without keeping them, to see which of them are kept by others. */
export const createGraveyard = () => {
  const buried = new Map<string, Set<WeakRef<object>>>()
  const counts = new Map<string, number>()
  return {
    bury: (what: string, object: object): void => {
      counts.set(what, (counts.get(what) ?? 0) + 1)
      const refs = buried.get(what)
      if (refs) refs.add(new WeakRef(object))
      else buried.set(what, new Set([new WeakRef(object)]))
    },
    /** How many of each kind were not collected yet. */
    undead: (): Readonly<Record<string, number>> => {
      for (const refs of buried.values()) for (const ref of refs) if (!ref.deref()) refs.delete(ref)
      return Object.fromEntries(Array.from(buried, ([what, refs]) => [what, refs.size]))
    },
    /** How many of a kind there ever were. */
    count: (what: string): number => counts.get(what) ?? 0,
  }
}
