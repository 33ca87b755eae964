import fc from 'fast-check'
import { from } from 'rxjs'
import { expect, it } from 'vitest'
import { dedupe } from './dedupe.ts'

it('drops exactly what is among the keys that were handed on last', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('a', 'b', 'c', 'd', '__proto__')),
      fc.integer({ min: 1, max: 4 }),
      (items, size) => {
        const seen: string[] = []
        from(items)
          .pipe(dedupe((item) => item, { size }))
          .subscribe((item) => seen.push(item))
        const expected: string[] = []
        for (const item of items) if (!expected.slice(-size).includes(item)) expected.push(item)
        expect(seen).toEqual(expected)
      },
    ),
    { numRuns: 500 },
  )
})
