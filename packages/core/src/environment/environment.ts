import type { Observable } from 'rxjs'

/** What the page or process tells about its life. */
export type LifecycleSignal =
  /** The network is said to be there again. */
  | 'online'
  | 'offline'
  /** The page can be seen again, or came back from the back/forward cache or from being frozen. */
  | 'visible'
  | 'resumed'
  /** The page is hidden or about to go: a good moment to store what is pending. */
  | 'hidden'
  /** The page goes for good, after a `hidden`: the moment for a last word. */
  | 'gone'

/**
 * Everything that core needs from outside: clock, timers, randomness, ids, network and page life.
 * Logic uses only this, never globals, so that the whole system can run in virtual time from a seed.
 */
export interface Environment {
  /** Milliseconds since 1970. */
  now(): number
  /** Runs `callback` once after `delay` milliseconds; returns its cancellation. */
  setTimer(delay: number, callback: () => void): () => void
  /** In [0, 1). */
  random(): number
  /** A new globally unique id (UUID v4 in the default environment). */
  id(): string
  readonly fetch: typeof fetch
  /** False only when the platform is sure that there is no network. */
  isOnline(): boolean
  readonly signals$: Observable<LifecycleSignal>
  /** What lives as long as one tab, reloads included (`sessionStorage`); in Node, as long as the process. */
  readonly tab: TabMemory
  /** Whether somebody is at the page: what presence tells `idle` and `away` by. Default: the page's own. */
  readonly activity?: PageActivity | undefined
}

/** Whether somebody is at the page. */
export interface PageActivity {
  /** False when the page cannot be seen. `signals$` tells of changes. */
  isVisible(): boolean
  /** Emits when the person does something: moves the pointer, presses a key, scrolls. At most once a second. */
  readonly inputs$: Observable<void>
}

export interface TabMemory {
  get(key: string): string | undefined
  set(key: string, value: string): void
}
