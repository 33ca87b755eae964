import { expect, test } from 'vitest'
import { createRate } from './rate.ts'

test('one second holds no more than it should, and time brings new ones', () => {
  let time = 0
  const rate = createRate(10, () => time)
  const taken = () => Array.from({ length: 20 }, () => rate.take(1)).filter(Boolean).length
  expect(taken()).toBe(10)
  time = 500
  expect(taken()).toBe(5)
  time = 60_000
  expect(taken()).toBe(10)
})
