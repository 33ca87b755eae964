import { type Observer, Subscriber } from 'rxjs'

/**
 * A subscriber for stages of our own, on paths that every message takes: without the two objects and the guard
 * against throwing listeners that rxjs puts around a function. `next` must not throw; a listener of the app's
 * keeps its guard.
 *
 * @param end is told of the end
 */
export const direct = <T>(
  next: (value: T) => void,
  end?: Pick<Observer<never>, 'error' | 'complete'>,
): Subscriber<T> => Object.assign(new Subscriber<T>(end as Observer<T> | undefined), { next })
