import { Observable } from 'rxjs'
import type { Environment, LifecycleSignal, TabMemory } from './environment.ts'

/** The longest delay that `setTimeout` knows; beyond it fires at once (HTML, "timer initialization steps"). */
const LONGEST_TIMEOUT = 2 ** 31 - 1

const setTimer = (delay: number, callback: () => void): (() => void) => {
  let handle: ReturnType<typeof setTimeout>
  const wait = (rest: number): void => {
    handle = setTimeout(
      () => (rest > LONGEST_TIMEOUT ? wait(rest - LONGEST_TIMEOUT) : callback()),
      // What is due already: Node warns about a negative delay.
      Math.max(0, Math.min(rest, LONGEST_TIMEOUT)),
    )
  }
  wait(delay)
  return () => clearTimeout(handle)
}

/** A UUID v4 (RFC 9562) by hand: pages that are not served securely have no `crypto.randomUUID`. */
const randomUuid = (): string =>
  '10000000-1000-4000-8000-100000000000'.replace(/[018]/g, (digit) => {
    const random = crypto.getRandomValues(new Uint8Array(1))[0]!
    // A 0 or 1 stands for 4 random bits, the 8 for 2 of them behind the variant's.
    return (Number(digit) ^ (random & (15 >> (Number(digit) / 4)))).toString(16)
  })

/** `sessionStorage`, and memory where it is missing, forbidden or full. */
const createTabMemory = (): TabMemory => {
  const memory = new Map<string, string>()
  return {
    get: (key) => {
      try {
        return memory.get(key) ?? globalThis.sessionStorage?.getItem(key) ?? undefined
      } catch {
        return undefined
      }
    },
    set: (key, value) => {
      try {
        globalThis.sessionStorage.setItem(key, value)
        memory.delete(key)
      } catch {
        memory.set(key, value)
      }
    },
  }
}

const signalOf = ({ type, persisted }: PageTransitionEvent): LifecycleSignal | undefined => {
  switch (type) {
    case 'online':
    case 'offline':
      return type
    case 'pageshow':
      return persisted ? 'resumed' : undefined
    case 'resume':
      return 'resumed'
    case 'visibilitychange':
      return globalThis.document.visibilityState === 'visible' ? 'visible' : 'hidden'
    default:
      return 'hidden'
  }
}

/**
 * The platform's own clock, timers, chance, network and page life. Touches no global before it is used, so
 * it can be made while rendering on a server, in a worker and in Node. Listeners are attached while
 * `signals$` is subscribed to.
 */
export const createDefaultEnvironment = (): Environment => ({
  now: () => Date.now(),
  setTimer,
  random: () => Math.random(),
  id: () => crypto.randomUUID?.() ?? randomUuid(),
  fetch: (...request) => fetch(...request),
  isOnline: () => globalThis.navigator?.onLine !== false,
  signals$: new Observable((subscriber) => {
    const listener = (event: Event): void => {
      const signal = signalOf(event as PageTransitionEvent)
      if (signal) subscriber.next(signal)
      // HTML, "unload a document": one that is not persisted is never shown again.
      if (event.type === 'pagehide' && !(event as PageTransitionEvent).persisted) subscriber.next('gone')
    }
    const each = (change: 'addEventListener' | 'removeEventListener'): void => {
      // Node's global is no EventTarget; it has no such signals.
      for (const name of ['online', 'offline', 'pageshow', 'pagehide']) globalThis[change]?.(name, listener)
      // The Page Lifecycle events (WICG) fire on the document.
      for (const name of ['visibilitychange', 'freeze', 'resume'])
        globalThis.document?.[change](name, listener)
    }
    each('addEventListener')
    return () => each('removeEventListener')
  }),
  tab: createTabMemory(),
})
