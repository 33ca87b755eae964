import { expect, test } from 'vitest'
import { createChance } from './chance.ts'
import { createClientDisk } from './client-disk.ts'
import { describeFailure, makePlan, runHistory, runPlan, shrink } from './index.ts'

/** Seeds that once broke a promise, and the first ones. */
const FIXED = [
  10, 15, 18, 28, 38, 67, 74, 78, 81, 170, 194, 197, 241, 253, 375, 413, 448, 462, 467, 470, 508, 555, 618,
  693, 778, 878, 914, 1_681, 1_716, 2_055, 2_223, 3_369, 4_454, 4_508, 4_721, 4_747, 5_993, 6_114, 6_185,
  6_229, 6_411, 7_547, 8_691, 10_259, 11_757, 20_335,
]
const FIRST = 150

const run = async (seeds: readonly number[]): Promise<void> => {
  for (const seed of seeds) {
    const { violation } = await runHistory(seed)
    if (!violation) continue
    const short = await shrink(makePlan(seed), violation.promise)
    expect.fail(describeFailure(short.plan, short.result))
  }
}

test('every promise is kept in histories that once broke one', () => run(FIXED), 60_000)

test('every promise is kept in the first histories', () => {
  const seeds = Array.from({ length: FIRST }, (_, index) => index + 1)
  return run(seeds)
}, 60_000)

test('one seed gives one history, byte for byte', async () => {
  for (const seed of [3, 4, 5]) {
    const first = await runHistory(seed, { keepLines: true })
    const again = await runHistory(seed, { keepLines: true })
    expect(again.lines).toEqual(first.lines)
    expect(again.hash).toBe(first.hash)
    expect(first.counts.commits).toBeGreaterThan(0)
  }
})

test('a history without steps keeps every promise too', async () => {
  const { violation } = await runPlan({ ...makePlan(7), steps: [] })
  expect(violation).toBeUndefined()
})

test('chance is the same for the same seed, and a fork changes nothing for others', () => {
  const draw = (forked: boolean) => {
    const chance = createChance(9)
    if (forked) chance.fork('other').next()
    return [chance.below(1_000), chance.below(1_000), chance.fork('a').below(1_000)]
  }
  expect(draw(true)).toEqual(draw(false))
  expect(typeof createClientDisk).toBe('function')
})
