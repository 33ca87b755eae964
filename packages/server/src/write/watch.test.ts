import { expect, test } from 'vitest'
import { createJumpingClock } from '../testing/jumping-clock.ts'
import { Watch } from './watch.ts'

const start = () => {
  const { time, environment, jump } = createJumpingClock()
  let late = 0
  const watch = new Watch(environment, 1_000, () => {
    late++
  })
  return { time, watch, jump, late: () => late }
}

test('tells once that it took too long, and not of what was started anew meanwhile', async () => {
  const { time, watch, late } = start()
  watch.start()
  await time.advance(600)
  watch.start()
  await time.advance(900)
  expect(late()).toBe(0)
  await time.advance(200)
  expect(late()).toBe(1)
})

test('tells it also when the clock is set back meanwhile', async () => {
  const { time, watch, jump, late } = start()
  watch.start()
  await time.advance(500)
  jump(-3_600_000)
  await time.advance(1_500)
  expect(late()).toBe(1)
})

test.each([-4_000, 4_000])(
  'tells nothing too early of one that began after the timer, though the clock moves by %i ms',
  async (by) => {
    const { time, watch, jump, late } = start()
    watch.start()
    await time.advance(600)
    watch.stop()
    watch.start()
    jump(by)
    await time.advance(999)
    expect(late()).toBe(0)
    await time.advance(1_000)
    expect(late()).toBe(1)
    expect(time.timers).toBe(0)
  },
)
