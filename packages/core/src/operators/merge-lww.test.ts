import fc from 'fast-check'
import { from, of } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { canonical } from './canonical.ts'
import { dedupe } from './dedupe.ts'
import { lastWrite, mergeLww } from './merge-lww.ts'

interface Write {
  readonly at: number
  readonly by: string
  readonly value: unknown
}
const by = { timestamp: (write: Write) => write.at, id: (write: Write) => write.by }
const anyWrite: fc.Arbitrary<Write> = fc.record({
  at: fc.constantFrom(0, 1, 2, Number.NaN),
  by: fc.constantFrom('a', 'b'),
  value: fc.oneof(
    fc.jsonValue(),
    fc.constantFrom(undefined, Number.NaN, -0, 0n, new Date(5), new Uint8Array([1])),
  ),
})

describe('last write wins', () => {
  it('goes by timestamp, then id, then content', () => {
    const write = (at: number, id: string, value: unknown): Write => ({ at, by: id, value })
    expect(lastWrite(write(2, 'a', 1), write(1, 'b', 2), by).value).toBe(1)
    expect(lastWrite(write(1, 'a', 1), write(1, 'b', 2), by).value).toBe(2)
    expect(lastWrite(write(1, 'a', 'y'), write(1, 'a', 'x'), by).value).toBe('y')
  })

  it('is commutative, associative and idempotent, full ties included', () => {
    fc.assert(
      fc.property(anyWrite, anyWrite, anyWrite, (a, b, c) => {
        const merge = (x: Write, y: Write) => lastWrite(x, y, by)
        expect(canonical(merge(a, b))).toBe(canonical(merge(b, a)))
        expect(canonical(merge(merge(a, b), c))).toBe(canonical(merge(a, merge(b, c))))
        expect(merge(a, a)).toBe(a)
      }),
    )
  })

  it('lets replicas converge, whatever the order in which they hear of writes', () => {
    const lastOf = (writes: readonly Write[]): Write | undefined => {
      let last: Write | undefined
      from(writes)
        .pipe(mergeLww(by))
        .subscribe((write) => {
          last = write
        })
      return last
    }
    fc.assert(
      fc.property(
        fc
          .array(anyWrite, { minLength: 1 })
          .chain((writes) =>
            fc.tuple(fc.constant(writes), fc.shuffledSubarray(writes, { minLength: writes.length })),
          ),
        ([writes, shuffled]) => {
          expect(canonical(lastOf(shuffled))).toBe(canonical(lastOf([...writes, ...writes])))
        },
      ),
    )
  })

  it('emits only when the winner changes', () => {
    const seen: number[] = []
    of(1, 3, 2, 3, 4)
      .pipe(mergeLww({ timestamp: (n) => n, id: () => '' }))
      .subscribe((n) => seen.push(n))
    expect(seen).toEqual([1, 3, 4])
  })
})

describe('dedupe', () => {
  const run = (items: readonly string[], size?: number): string[] => {
    const seen: string[] = []
    from(items)
      .pipe(dedupe((item) => item, size === undefined ? {} : { size }))
      .subscribe((item) => seen.push(item))
    return seen
  }
  it('drops what it has seen', () => {
    expect(run(['a', 'b', 'a', 'c', 'b'])).toEqual(['a', 'b', 'c'])
  })
  it('remembers a bounded number of keys', () => {
    expect(run(['a', 'b', 'a', 'c', 'a', 'c'], 2)).toEqual(['a', 'b', 'c', 'a'])
  })
  it('passes the error of a key that throws', () => {
    const errors: unknown[] = []
    of('a')
      .pipe(
        dedupe(() => {
          throw 'no'
        }),
      )
      .subscribe({ error: (error) => errors.push(error) })
    expect(errors).toEqual(['no'])
  })
})
