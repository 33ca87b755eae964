import { describe, expect, test } from 'vitest'
import { Emitter } from './emitter.ts'

const listen = (emitter: Emitter<number>, seen: string[], name: string) =>
  emitter.subscribe({
    next: (value) => seen.push(`${name}${value}`),
    complete: () => seen.push(`${name} ended`),
  })

describe('an emitter', () => {
  test('reaches all that are subscribed, in the order in which they came', () => {
    const emitter = new Emitter<number>()
    const seen: string[] = []
    emitter.next(0)
    listen(emitter, seen, 'a')
    const b = listen(emitter, seen, 'b')
    emitter.next(1)
    b.unsubscribe()
    emitter.next(2)
    expect(seen).toEqual(['a1', 'b1', 'a2'])
  })

  test('does not show a value that is on its way to who comes meanwhile, nor to who has left', () => {
    const emitter = new Emitter<number>()
    const seen: string[] = []
    emitter.subscribe((value) => {
      if (value !== 1) return
      b.unsubscribe()
      listen(emitter, seen, 'c')
    })
    const b = listen(emitter, seen, 'b')
    emitter.next(1)
    expect(seen).toEqual([])
    emitter.next(2)
    expect(seen).toEqual(['c2'])
  })

  test('knows whether anybody listens', () => {
    const emitter = new Emitter<number>()
    expect(emitter.observed).toBe(false)
    const subscription = emitter.subscribe()
    expect(emitter.observed).toBe(true)
    subscription.unsubscribe()
    expect(emitter.observed).toBe(false)
  })

  test('ends for all, and for who comes later, and says nothing more', () => {
    const emitter = new Emitter<number>()
    const seen: string[] = []
    listen(emitter, seen, 'a')
    emitter.complete()
    emitter.complete()
    emitter.next(1)
    listen(emitter, seen, 'b')
    expect(seen).toEqual(['a ended', 'b ended'])
    expect(emitter.observed).toBe(false)
  })

  test('goes on when a listener throws', () => {
    const emitter = new Emitter<number>()
    const seen: string[] = []
    const thrown: unknown[] = []
    const original = globalThis.setTimeout
    // Where rxjs reports what a listener threw.
    globalThis.setTimeout = ((run: () => void) => {
      try {
        run()
      } catch (error) {
        thrown.push((error as Error).message)
      }
    }) as typeof setTimeout
    try {
      emitter.subscribe(() => {
        throw new Error('broken')
      })
      listen(emitter, seen, 'b')
      emitter.next(1)
    } finally {
      globalThis.setTimeout = original
    }
    expect(seen).toEqual(['b1'])
    expect(thrown).toEqual(['broken'])
  })
})
