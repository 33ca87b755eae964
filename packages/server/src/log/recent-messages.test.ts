import fc from 'fast-check'
import { expect, it } from 'vitest'
import { RecentMessages } from './recent-messages.ts'

const message = (seq: number, size = 10) => ({
  epoch: 'e',
  seq,
  id: `m${seq}`,
  timestamp: 0,
  json: 'x'.repeat(size),
})

it('holds the newest, contiguous, within its bounds', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 10, max: 200 }),
      fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 300 }),
      (count, bytes, sizes) => {
        const recent = new RecentMessages(count, bytes)
        for (const [index, size] of sizes.entries()) recent.push(message(index + 1, size))
        const head = sizes.length
        const first = head - recent.size + 1
        expect(recent.size).toBeLessThanOrEqual(count)
        if (head > 0) expect(recent.size).toBeGreaterThan(0)
        expect(recent.covers(first - 2)).toBe(false)
        expect(recent.covers(first - 1)).toBe(head > 0)
        expect(recent.after(first - 1, 999, 1e9).map(({ seq }) => seq)).toEqual(
          Array.from({ length: recent.size }, (_, index) => first + index),
        )
        expect(recent.idAt(first - 2)).toBeUndefined()
        expect(recent.idAt(first - 1)).toBe(first > 1 ? `m${first - 1}` : '')
        expect(recent.idAt(head)).toBe(head > 0 ? `m${head}` : '')
        expect(recent.idAt(head + 1)).toBeUndefined()
        const held = recent.after(first - 1, 999, 1e9).reduce((sum, { json }) => sum + json.length, 0)
        if (recent.size > 1) expect(held).toBeLessThanOrEqual(bytes)
      },
    ),
  )
})

it('pages by count and by bytes, at least one', () => {
  const recent = new RecentMessages(100, 1e6)
  for (let seq = 1; seq <= 10; seq++) recent.push(message(seq, 100))
  expect(recent.after(3, 2, 1e6).map(({ seq }) => seq)).toEqual([4, 5])
  expect(recent.after(3, 100, 250).map(({ seq }) => seq)).toEqual([4, 5])
  expect(recent.after(3, 100, 1).map(({ seq }) => seq)).toEqual([4])
  expect(recent.after(10, 100, 1e6)).toEqual([])
})
