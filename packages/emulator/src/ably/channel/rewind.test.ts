import { expect, test } from 'vitest'
import { AblyError } from '../ably-error.ts'
import { readRewind, rewindEntries } from './rewind.ts'

const entries = [1, 2, 3].map((seq) => ({
  point: { seq, timestamp: seq * 1000 },
  items: [{ name: `${seq}a` }, { name: `${seq}b` }],
}))

const names = (text: string, now: number) =>
  rewindEntries(entries, readRewind(text)!, () => now).flatMap(({ items }) => items.map(({ name }) => name))

test('a number is of messages, also within a publish', () => {
  expect(names('3', 3000)).toEqual(['2b', '3a', '3b'])
  expect(names('99', 3000)).toHaveLength(6)
  expect(names('0', 3000)).toEqual([])
})

test('a time is of messages not older', () => {
  expect(names('1s', 3500)).toEqual(['3a', '3b'])
  expect(names('1m', 3500)).toHaveLength(6)
})

test.each(['', '-1', '1h', 'all', '1.5'])('"%s" is refused', (text) => {
  expect(() => readRewind(text)).toThrow(AblyError)
})

test('more than Ably allows is cut', () => {
  expect(readRewind('1000')).toEqual({ count: 100 })
  expect(readRewind('60m')).toEqual({ period: 120_000 })
})
