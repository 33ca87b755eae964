import { Observable } from 'rxjs'
import type { Environment, LifecycleSignal, TabMemory } from './environment.ts'

/** The longest delay that `setTimeout` knows; beyond it fires at once (HTML, "timer initialization steps"). */
const LONGEST_TIMEOUT = 2 ** 31 - 1

const setTimer = (delay: number, callback: () => void): (() => void) => {
  let cancel: () => void
  const rest = delay - LONGEST_TIMEOUT
  const handle = setTimeout(
    () => {
      if (rest > 0) cancel = setTimer(rest, callback)
      else callback()
    },
    // What is due already: Node warns about a negative delay.
    Math.max(0, Math.min(delay, LONGEST_TIMEOUT)),
  )
  cancel = () => clearTimeout(handle)
  return () => cancel()
}

/** A UUID v4 (RFC 9562) by hand: pages that are not served securely have no `crypto.randomUUID`. */
const randomUuid = (): string => {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = (bytes[6]! & 0x0f) | 0x40
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

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

type SignalOf = (event: Event) => LifecycleSignal | undefined

const windowSignals: Readonly<Record<string, SignalOf>> = {
  online: () => 'online',
  offline: () => 'offline',
  pageshow: (event) => ((event as PageTransitionEvent).persisted ? 'resumed' : undefined),
  pagehide: () => 'hidden',
}

/** The Page Lifecycle events (WICG) fire on the document. */
const documentSignals: Readonly<Record<string, SignalOf>> = {
  visibilitychange: () => (globalThis.document.visibilityState === 'visible' ? 'visible' : 'hidden'),
  freeze: () => 'hidden',
  resume: () => 'resumed',
}

const listen = (
  target: EventTarget | undefined,
  signals: Readonly<Record<string, SignalOf>>,
  emit: (signal: LifecycleSignal) => void,
): (() => void) => {
  // Node's global is no EventTarget; it has no such signals.
  if (!target?.addEventListener) return () => {}
  const listener = (event: Event) => {
    const signal = signals[event.type]?.(event)
    if (signal) emit(signal)
  }
  const names = Object.keys(signals)
  for (const name of names) target.addEventListener(name, listener)
  return () => {
    for (const name of names) target.removeEventListener(name, listener)
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
  id: () => globalThis.crypto.randomUUID?.() ?? randomUuid(),
  fetch: (...request) => globalThis.fetch(...request),
  isOnline: () => globalThis.navigator?.onLine !== false,
  signals$: new Observable((subscriber) => {
    const emit = (signal: LifecycleSignal) => subscriber.next(signal)
    const stopWindow = listen(globalThis as unknown as EventTarget, windowSignals, emit)
    const stopDocument = listen(globalThis.document, documentSignals, emit)
    return () => {
      stopWindow()
      stopDocument()
    }
  }),
  tab: createTabMemory(),
})
