import { afterEach, describe, expect, it, vi } from 'vitest'
import { createDefaultEnvironment } from './default-environment.ts'
import type { LifecycleSignal } from './environment.ts'

/** An event target that counts its listeners. */
class Target extends EventTarget {
  listeners = 0
  override addEventListener(type: string, listener: EventListener) {
    this.listeners++
    super.addEventListener(type, listener)
  }
  override removeEventListener(type: string, listener: EventListener) {
    this.listeners--
    super.removeEventListener(type, listener)
  }
}

const browser = () => {
  const page = new Target()
  const document = Object.assign(new Target(), { visibilityState: 'visible' })
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page))
  vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page))
  vi.stubGlobal('document', document)
  return { page, document, listeners: () => page.listeners + document.listeners }
}

afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

describe('signals$', () => {
  it('tells what the page tells, while it is subscribed to', () => {
    const { page, document, listeners } = browser()
    const environment = createDefaultEnvironment()
    expect(listeners()).toBe(0)
    const seen: LifecycleSignal[] = []
    const subscription = environment.signals$.subscribe((signal) => seen.push(signal))
    const fire = (target: EventTarget, type: string, fields = {}) =>
      target.dispatchEvent(Object.assign(new Event(type), fields))
    fire(page, 'offline')
    fire(page, 'online')
    fire(page, 'pageshow', { persisted: false })
    fire(page, 'pagehide', { persisted: true })
    fire(page, 'pageshow', { persisted: true })
    document.visibilityState = 'hidden'
    fire(document, 'visibilitychange')
    document.visibilityState = 'visible'
    fire(document, 'visibilitychange')
    fire(document, 'freeze')
    fire(document, 'resume')
    fire(page, 'pagehide', { persisted: false })
    const cached = ['offline', 'online', 'hidden', 'resumed', 'hidden', 'visible', 'hidden', 'resumed']
    expect(seen).toEqual([...cached, 'hidden', 'gone'])
    expect(listeners()).toBeGreaterThan(0)
    subscription.unsubscribe()
    expect(listeners()).toBe(0)
    fire(page, 'offline')
    expect(seen).toHaveLength(10)
  })

  it('is silent where there is no page', () => {
    const subscription = createDefaultEnvironment().signals$.subscribe()
    subscription.unsubscribe()
  })
})

describe('isOnline', () => {
  it.each([
    [undefined, true],
    [{}, true],
    [{ onLine: true }, true],
    [{ onLine: false }, false],
  ])('with navigator %j: %j', (navigator, online) => {
    vi.stubGlobal('navigator', navigator)
    expect(createDefaultEnvironment().isOnline()).toBe(online)
  })
})

describe('tab', () => {
  it('keeps what it is told, in memory where there is no sessionStorage', () => {
    vi.stubGlobal('sessionStorage', undefined)
    const { tab } = createDefaultEnvironment()
    expect(tab.get('id')).toBeUndefined()
    tab.set('id', 'a')
    expect(tab.get('id')).toBe('a')
  })

  it('outlives the environment in sessionStorage', () => {
    const stored = new Map<string, string>()
    vi.stubGlobal('sessionStorage', {
      getItem: (key: string) => stored.get(key) ?? null,
      setItem: (key: string, value: string) => stored.set(key, value),
    })
    createDefaultEnvironment().tab.set('id', 'a')
    expect(createDefaultEnvironment().tab.get('id')).toBe('a')
    expect(createDefaultEnvironment().tab.get('other')).toBeUndefined()
  })

  it('falls back to memory where sessionStorage is full or forbidden', () => {
    vi.stubGlobal('sessionStorage', {
      getItem: () => 'old',
      setItem: () => {
        throw new DOMException('full', 'QuotaExceededError')
      },
    })
    const full = createDefaultEnvironment().tab
    full.set('id', 'new')
    expect(full.get('id')).toBe('new')
    Object.defineProperty(globalThis, 'sessionStorage', {
      configurable: true,
      get: () => {
        throw new DOMException('no', 'SecurityError')
      },
    })
    const { tab } = createDefaultEnvironment()
    tab.set('id', 'a')
    expect(tab.get('id')).toBe('a')
    expect(tab.get('other')).toBeUndefined()
  })
})

describe('id', () => {
  const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

  it('is a UUID v4, also on a page that is not served securely', () => {
    expect(createDefaultEnvironment().id()).toMatch(uuid)
    const getRandomValues = crypto.getRandomValues.bind(crypto)
    vi.stubGlobal('crypto', { getRandomValues })
    const { id } = createDefaultEnvironment()
    const ids = Array.from({ length: 100 }, id)
    for (const each of ids) expect(each).toMatch(uuid)
    expect(new Set(ids).size).toBe(100)
  })
})

describe('setTimer', () => {
  it('runs what is due already in the next turn', () => {
    const spy = vi.spyOn(globalThis, 'setTimeout')
    const cancel = createDefaultEnvironment().setTimer(-3, () => {})
    expect(spy.mock.lastCall?.[1]).toBe(0)
    cancel()
    spy.mockRestore()
  })

  it('runs once, unless cancelled', () => {
    vi.useFakeTimers()
    const { setTimer } = createDefaultEnvironment()
    const ran: string[] = []
    setTimer(10, () => ran.push('a'))
    const cancel = setTimer(10, () => ran.push('b'))
    cancel()
    vi.advanceTimersByTime(100)
    expect(ran).toEqual(['a'])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('holds delays that setTimeout cannot, and cancels them at any time', () => {
    vi.useFakeTimers()
    const { setTimer } = createDefaultEnvironment()
    const ran: string[] = []
    const month = 30 * 86_400_000
    setTimer(month, () => ran.push('a'))
    const cancel = setTimer(month, () => ran.push('b'))
    vi.advanceTimersByTime(month - 1)
    expect(ran).toEqual([])
    cancel()
    vi.advanceTimersByTime(1)
    expect(ran).toEqual(['a'])
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('fetch', () => {
  it('is looked up when it is used', async () => {
    const { fetch } = createDefaultEnvironment()
    vi.stubGlobal('fetch', (address: string) => Promise.resolve(address))
    expect(await fetch('/later')).toBe('/later')
  })
})
