import { SynclineError } from '@syncline/core'
import { expect, test } from 'vitest'
import { createJumpingClock } from '../testing/jumping-clock.ts'
import { Pace } from './pace.ts'

const tooMany = (retryAfter: number, channel?: string) =>
  new SynclineError('rate-limited', { retryAfter, ...(channel !== undefined && { channel }) })

const start = () => {
  const { time, environment, jump } = createJumpingClock()
  const pace = new Pace(environment)
  const asked: number[] = []
  const ask = () => void pace.run(async () => void asked.push(time.environment.now()))
  return { time, pace, jump, asked, ask, now: () => time.environment.now() }
}

test('leaves a provider alone for as long as it asked, the longest of what it said', async () => {
  const { time, pace, asked, ask, now } = start()
  const from = now()
  expect(pace.heed(tooMany(2_000))).toBe(2_000)
  expect(pace.heed(tooMany(500))).toBe(500)
  ask()
  await time.advance(5_000)
  expect(asked).toEqual([from + 2_000])
})

test('a pause that is asked for one channel holds nobody else up', async () => {
  const { time, pace, asked, ask, now } = start()
  const from = now()
  expect(pace.heed(tooMany(2_000, 'todos'))).toBe(2_000)
  ask()
  await time.advance(0)
  expect(asked).toEqual([from])
})

test('asks again in time also when the clock is set back meanwhile', async () => {
  const { time, pace, jump, asked, ask } = start()
  pace.heed(tooMany(2_000))
  ask()
  jump(-3_600_000)
  await time.advance(2_000)
  expect(asked).toHaveLength(1)
})
