import { createVirtualTime } from '@syncline/testing'
import { expect, test } from 'vitest'
import { createUsage } from './usage.ts'

const setUp = (linger: number) => {
  const time = createVirtualTime()
  const calls: string[] = []
  const usage = createUsage(
    time.environment,
    linger,
    () => calls.push('start'),
    () => calls.push('stop'),
  )
  return { time, calls, usage }
}

test('starts with the first user and stops a while after the last', async () => {
  const { time, calls, usage } = setUp(5_000)
  const leaves = [usage.enter(), usage.enter()]
  leaves[0]!()
  await time.advance(10_000)
  expect(calls).toEqual(['start'])
  leaves[1]!()
  await time.advance(4_999)
  expect(calls).toEqual(['start'])
  await time.advance(1)
  expect(calls).toEqual(['start', 'stop'])
  usage.enter()
  expect(calls).toEqual(['start', 'stop', 'start'])
})

test('goes on for who comes while it lingers', async () => {
  const { time, calls, usage } = setUp(5_000)
  usage.enter()()
  await time.advance(4_000)
  const leave = usage.enter()
  await time.advance(10_000)
  expect(calls).toEqual(['start'])
  leave()
  await time.advance(5_000)
  expect(calls).toEqual(['start', 'stop'])
})

test('stops at once when it ends, and no second time', async () => {
  const { time, calls, usage } = setUp(5_000)
  const leave = usage.enter()
  usage.end()
  leave()
  usage.end()
  await time.advance(10_000)
  expect(calls).toEqual(['start', 'stop'])
  expect(time.timers).toBe(0)
})

test('never stops by itself without a limit', async () => {
  const { time, calls, usage } = setUp(Number.POSITIVE_INFINITY)
  usage.enter()()
  expect(time.timers).toBe(0)
  expect(calls).toEqual(['start'])
  usage.end()
  expect(calls).toEqual(['start', 'stop'])
})
