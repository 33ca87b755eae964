import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createDelayLine } from './delay-line.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const createLine = (maxItems = 100) => {
  const delivered: number[] = []
  const overflow = vi.fn()
  let delay = 0
  const line = createDelayLine<number>(
    () => delay,
    (item) => delivered.push(item),
    maxItems,
    overflow,
  )
  const delayBy = (milliseconds: number) => {
    delay = milliseconds
  }
  return { ...line, delivered, overflow, delayBy }
}

test('without a delay an item goes on at once', () => {
  const { push, delivered } = createLine()
  push(1)
  expect(delivered).toEqual([1])
})

test('each item takes the delay of its time, and none overtakes another', () => {
  const { push, delivered, delayBy } = createLine()
  delayBy(100)
  push(1)
  vi.advanceTimersByTime(50)
  push(2)
  delayBy(0)
  push(3)
  expect(delivered).toEqual([])
  vi.advanceTimersByTime(50)
  expect(delivered).toEqual([1])
  vi.advanceTimersByTime(50)
  expect(delivered).toEqual([1, 2, 3])
  push(4)
  expect(delivered).toEqual([1, 2, 3, 4])
})

test('no more than its bound is on the way, and clearing forgets it', () => {
  const { push, clear, delivered, overflow, delayBy } = createLine(2)
  delayBy(100)
  push(1)
  push(2)
  expect(overflow).not.toHaveBeenCalled()
  push(3)
  expect(overflow).toHaveBeenCalledOnce()
  clear()
  vi.advanceTimersByTime(1_000)
  expect(delivered).toEqual([])
})
