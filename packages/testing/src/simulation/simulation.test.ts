import { randomInt } from 'node:crypto'
import { expect, test } from 'vitest'
import { createChance } from './chance.ts'
import { createClientDisk } from './client-disk.ts'
import { describeFailure, makePlan, runHistory, runPlan, shrink } from './index.ts'

/** Seeds that once broke a promise, and what they found. */
const FIXED: readonly { readonly found: string; readonly seeds: readonly number[] }[] = [
  {
    found: 'what the first runs of the simulation found',
    seeds: [10, 28, 38, 67, 74, 78, 170, 194, 197, 253, 375, 462, 467, 470, 508, 618],
  },
  { found: 'a tab that wakes hears old news of who left', seeds: [1_716, 2_055] },
  { found: 'a restored log is taken for the one that a client knows', seeds: [878, 2_223] },
  {
    found: 'a tab loses what another one left, a sleeper is not told, a full disk is not tried again',
    seeds: [18, 241, 413, 448, 1_681],
  },
  { found: 'a hub that was fenced off sends a snapshot of what it does not know', seeds: [6_229] },
  {
    found: 'a view shows twice what another tab left, or keeps what a backup has lost',
    seeds: [
      15, 81, 693, 778, 914, 3_369, 4_508, 4_721, 5_993, 6_114, 6_185, 6_411, 7_547, 8_691, 10_259, 11_757,
      20_335,
    ],
  },
  { found: 'an earliest position is set', seeds: [555] },
  {
    found: 'what comes after a backup is taken for what was before an earliest position that it lost',
    seeds: [400_006_797, 400_007_353],
  },
  { found: 'nothing is hidden, and history is said to be gone', seeds: [700_001_225] },
  { found: 'a view goes by what it knew of a log that is lost', seeds: [4_454, 4_747] },
  { found: 'what only a restored hub has seen is parked', seeds: [314, 456] },
  { found: 'what was sent back is forgotten while the store is down', seeds: [294] },
  { found: 'a snapshot does not say what is in it of a client that was told to wait', seeds: [51_540] },
  { found: 'what another tab holds back behind a parked write is taken for stuck', seeds: [800_002_562] },
  {
    found: 'the first answer is for all that was on its way, and who adopted a write may doubt it',
    seeds: [500_000_729, 500_002_352, 600_004_809, 700_002_072],
  },
  { found: 'a stored view of a log that is lost hides what was accepted since', seeds: [630_005_949] },
  { found: 'a view disowns a state that is newer than the head it came with', seeds: [400_003_577] },
  { found: 'a snapshot has what the backend published meanwhile', seeds: [200_009_077] },
  { found: 'a snapshot has what a slow store has taken and not yet said', seeds: [4_000_876] },
  { found: 'the next person goes on with the write streams of the last', seeds: [200_007_057] },
  { found: 'a tab that slept takes for applied what it has not seen yet', seeds: [116_134_460, 300_002_065] },
  {
    found: 'nobody’s storage, opened late, stays closed to who was confirmed meanwhile',
    seeds: [300_003_686],
  },
  { found: 'who points while it cannot come back in is expected to be seen', seeds: [300_004_655] },
  { found: 'a handler that just began is cut off when the clock is set', seeds: [300_012_536] },
  { found: 'a hub keeps channels that were busy when the last one left', seeds: [200_006_990, 200_008_053] },
  {
    found: 'what a client that vanished watched is taken for kept for nobody',
    seeds: [200_003_867, 300_011_554, 700_000_306],
  },
  { found: 'a channel is forgotten under somebody who joins it', seeds: [400_000_452] },
  { found: 'who signs out forgets a tab that opens meanwhile', seeds: [400_006_187] },
]
/** The first seeds, which nobody has chosen. */
const FIRST = 150
const FRESH = 25

const run = async (seeds: readonly number[]): Promise<void> => {
  for (const seed of seeds) {
    const { violation } = await runHistory(seed)
    if (!violation) continue
    const short = await shrink(makePlan(seed), violation.promise)
    expect.fail(describeFailure(short.plan, short.result))
  }
}

test.each(FIXED)('every promise is kept where it once was not: $found', ({ seeds }) => run(seeds), 180_000)

test('every promise is kept in the first histories', () => {
  const seeds = Array.from({ length: FIRST }, (_, index) => index + 1)
  return run(seeds)
}, 180_000)

test('every promise is kept in histories that are new each time', () => {
  const from = randomInt(1_000_000, 1_000_000_000)
  return run(Array.from({ length: FRESH }, (_, index) => from + index))
}, 180_000)

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
