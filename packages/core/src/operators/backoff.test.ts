import { createVirtualTime } from '@syncline/testing'
import { EMPTY, Observable, type Subscriber, throwError } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { SynclineError } from '../errors/syncline-error.ts'
import { type BackoffOperatorOptions, backoff } from './backoff.ts'
import { backoffDelay } from './backoff-delay.ts'

describe('backoffDelay', () => {
  const bounds = (options: Parameters<typeof backoffDelay>[0], attempts: number) =>
    Array.from({ length: attempts }, (_, index) => backoffDelay(options, index + 1, () => 1))

  it('doubles from 1 s to 30 s, or as the options say', () => {
    expect(bounds({}, 7)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
    expect(bounds({ firstDelay: 100, factor: 3, cap: 500 }, 4)).toEqual([100, 300, 500, 500])
    expect(bounds({}, 5_000).at(-1)).toBe(30_000)
  })

  it('starts at nothing: the jitter is full', () => {
    expect(backoffDelay({}, 9, () => 0)).toBe(0)
  })

  it('spreads on top of retryAfter, at least as wide as the wait', () => {
    expect(backoffDelay({}, 1, () => 0, 8_000)).toBe(8_000)
    expect(backoffDelay({}, 1, () => 1, 8_000)).toBe(16_000)
    expect(backoffDelay({}, 6, () => 1, 8_000)).toBe(38_000)
  })
})

describe('backoff', () => {
  const setUp = (options: Partial<BackoffOperatorOptions> = {}) => {
    const time = createVirtualTime()
    const subscribers: Subscriber<number>[] = []
    let live = 0
    const source = new Observable<number>((subscriber) => {
      subscribers.push(subscriber)
      live++
      return () => void live--
    })
    const seen: unknown[] = []
    const subscription = source
      .pipe(backoff({ environment: { ...time.environment, random: () => 0.5 }, ...options }))
      .subscribe({
        next: (value) => seen.push(value),
        error: (error) => seen.push(error),
        complete: () => seen.push('end'),
      })
    return { time, subscribers, seen, subscription, live: () => live }
  }

  it('subscribes again after a growing delay, and from the start after a value', async () => {
    const { time, subscribers, seen } = setUp()
    for (const delay of [500, 1_000, 2_000]) {
      const before = subscribers.length
      subscribers.at(-1)!.error(new Error('down'))
      await time.advance(delay - 1)
      expect(subscribers).toHaveLength(before)
      await time.advance(1)
      expect(subscribers).toHaveLength(before + 1)
    }
    subscribers.at(-1)!.next(7)
    subscribers.at(-1)!.error(new Error('down'))
    await time.advance(500)
    expect(subscribers).toHaveLength(5)
    expect(seen).toEqual([7])
  })

  it('passes the error on when the limit is used up or it is not worth a retry', async () => {
    const last = new Error('third')
    const limited = setUp({ limit: 2 })
    limited.subscribers[0]!.error(new Error('first'))
    await limited.time.advance(500)
    limited.subscribers[1]!.error(new Error('second'))
    await limited.time.advance(1_000)
    limited.subscribers[2]!.error(last)
    expect(limited.seen).toEqual([last])
    const picky = setUp({ retryIf: (error) => error !== last })
    picky.subscribers[0]!.error(last)
    expect(picky.seen).toEqual([last])
    expect(picky.time.timers).toBe(0)
  })

  it('waits as long as the other side asked', async () => {
    const { time, subscribers } = setUp()
    subscribers[0]!.error(new SynclineError('try-later', { retryAfter: 4_000 }))
    await time.advance(5_999)
    expect(subscribers).toHaveLength(1)
    await time.advance(1)
    expect(subscribers).toHaveLength(2)
  })

  it('completes with the source', () => {
    const { subscribers, seen, time } = setUp()
    subscribers[0]!.complete()
    expect(seen).toEqual(['end'])
    expect(time.timers).toBe(0)
  })

  it('leaves nothing behind when unsubscribed, while waiting or while subscribed', async () => {
    const waiting = setUp()
    waiting.subscribers[0]!.error(new Error('down'))
    expect(waiting.time.timers).toBe(1)
    waiting.subscription.unsubscribe()
    expect(waiting.time.timers).toBe(0)
    const subscribed = setUp()
    subscribed.subscription.unsubscribe()
    expect(subscribed.live()).toBe(0)
  })

  it('needs no environment', async () => {
    const seen: unknown[] = []
    await new Promise<void>((resolve) => {
      let calls = 0
      new Observable((subscriber) => (++calls < 3 ? throwError(() => calls) : EMPTY).subscribe(subscriber))
        .pipe(backoff({ firstDelay: 1 }))
        .subscribe({ error: (error) => seen.push(error), complete: resolve })
    })
    expect(seen).toEqual([])
  })
})
