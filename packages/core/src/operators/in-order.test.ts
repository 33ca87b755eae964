import { createVirtualTime } from '@syncline/testing'
import fc from 'fast-check'
import { concat, Observable, of, Subject, throwError } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { type InOrderOptions, inOrder, type Ordered } from './in-order.ts'

const run = (options: Partial<InOrderOptions<number>> = {}) => {
  const time = createVirtualTime()
  const source$ = new Subject<number>()
  const seen: (number | string)[] = []
  const show = (next: Ordered<number>): void => {
    if (next.type === 'item') seen.push(next.item)
    else seen.push(`${next.after}..${next.before}${'error' in next ? `!${next.error}` : ''}`)
  }
  const subscription = source$
    .pipe(inOrder({ seq: (n) => n, environment: time.environment, ...options }))
    .subscribe({
      next: show,
      error: (error) => seen.push(`error ${error}`),
      complete: () => seen.push('done'),
    })
  return {
    time,
    source$,
    seen,
    subscription,
    send: (...items: number[]) => items.forEach((n) => void source$.next(n)),
  }
}

describe('inOrder', () => {
  it('drops duplicates and holds early items until the missing one comes', () => {
    const { seen, send, time } = run()
    send(1, 1, 3, 4, 3, 2, 2, 5)
    expect(seen).toEqual([1, 2, 3, 4, 5])
    expect(time.timers).toBe(0)
  })

  it('says after the timeout what will not come, and goes on', async () => {
    const { seen, send, time } = run({ timeout: 500 })
    send(1, 4, 6)
    await time.advance(499)
    expect(seen).toEqual([1])
    await time.advance(1)
    expect(seen).toEqual([1, '1..4', 4])
    await time.advance(500)
    expect(seen).toEqual([1, '1..4', 4, '4..6', 6])
    send(2, 5, 7)
    expect(seen.slice(5)).toEqual([7])
  })

  it('fetches what is missing, page by page', async () => {
    const asked: string[] = []
    const { seen, send, time } = run({
      start: 1,
      fetchMissing: (after, before) => {
        asked.push(`${after}..${before}`)
        return of([1, 2], [3])
      },
    })
    send(4)
    await time.advance(1_000)
    expect(seen).toEqual([1, 2, 3, 4])
    expect(asked).toEqual(['0..4'])
  })

  it('says what is still missing after the fetch, and why it failed', async () => {
    const { seen, send, time } = run({
      fetchMissing: () =>
        concat(
          of([2]),
          throwError(() => 'broken'),
        ),
    })
    send(1, 4)
    await time.advance(1_000)
    expect(seen).toEqual([1, 2, '2..4!broken', 4])
    const thrown = run({
      fetchMissing: () => {
        throw 'thrown'
      },
    })
    thrown.send(1, 3)
    await thrown.time.advance(1_000)
    expect(thrown.seen).toEqual([1, '1..3!thrown', 3])
  })

  it('stops a fetch that is no longer needed', async () => {
    let stopped = 0
    const { seen, send, time } = run({ fetchMissing: () => new Observable(() => () => void stopped++) })
    send(1, 3)
    await time.advance(1_000)
    send(2)
    expect(seen).toEqual([1, 2, 3])
    expect(stopped).toBe(1)
    expect(time.timers).toBe(0)
  })

  it('gives a gap up at once when it may hold no more', () => {
    const { seen, send } = run({ bound: 2 })
    send(1, 3, 4, 5)
    expect(seen).toEqual([1, '1..3', 3, 4, 5])
  })

  it('hands on what it holds when the source ends, and passes its error', async () => {
    const ended = run()
    ended.send(1, 3, 5)
    ended.source$.complete()
    await ended.time.advance(1_000)
    expect(ended.seen).toEqual([1, '1..3', 3, '3..5', 5, 'done'])
    const failed = run()
    failed.send(1, 3)
    failed.source$.error('broken')
    expect(failed.seen).toEqual([1, 'error broken'])
    expect(failed.time.timers).toBe(0)
  })

  it('frees its timers when unsubscribed', () => {
    const { send, subscription, time } = run()
    send(1, 3)
    expect(time.timers).toBe(1)
    subscription.unsubscribe()
    expect(time.timers).toBe(0)
  })

  it('emits any shuffled and repeated sequence once, in order, each hole told exactly', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 30 })),
        fc.integer({ min: 1, max: 8 }),
        async (items, bound) => {
          const { seen, send, source$ } = run({ start: 1, bound })
          send(...items)
          source$.complete()
          let next = 1
          for (const one of seen.slice(0, -1)) {
            if (typeof one === 'number') expect(one).toBe(next++)
            else {
              const [after, before] = one.split('..').map(Number)
              expect(after).toBe(next - 1)
              next = before!
            }
          }
          expect(seen.at(-1)).toBe('done')
          expect(next - 1).toBe(Math.max(0, ...items))
        },
      ),
    )
  })
})
