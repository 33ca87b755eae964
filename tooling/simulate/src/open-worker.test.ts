import { expect, onTestFinished, test } from 'vitest'
import { buildWorker } from './build-worker.ts'
import type { Ran } from './messages.ts'
import { openWorker } from './open-worker.ts'

/** A worker in which this happens as a history begins. */
const withTrouble = async (trouble: string, givenUpAfter?: number) => {
  const file = 'packages/testing/src/simulation/history/run-history.ts'
  const find = '  const settledAfter = await play(world, plan)\n'
  const bundle = await buildWorker([{ file, find, replace: `  ${trouble}\n${find}` }])
  const worker = await openWorker(bundle.file, givenUpAfter)
  onTestFinished(async () => {
    await worker.close()
    bundle.remove()
  })
  return worker
}

test('a rejection that nobody handles breaks a promise, is made short and told with its stack', async () => {
  const worker = await withTrouble("void Promise.reject(new Error('stray'))")
  const [ran] = (await worker.run([1])) as readonly [Ran]
  expect(ran.promise).toBe('no silent failure')
  const text = await worker.shrink(ran)
  expect(text).toContain('Seed 1 breaks a promise: no silent failure')
  expect(text).toMatch(/nobody handled Error: stray\n {4}at /)
}, 60_000)

test('what cannot be found again is told as it was', async () => {
  const worker = await withTrouble(
    "if (!Reflect.get(globalThis, 'once')) { Reflect.set(globalThis, 'once', true); world.violated('order', 'just once') }",
  )
  const [ran] = (await worker.run([1])) as readonly [Ran]
  expect(await worker.shrink(ran)).toContain('Seed 1 broke a promise: order\n  just once\n')
}, 60_000)

test('a history that does not end is told by its seed, with what ran before it', async () => {
  const worker = await withTrouble('if (plan.seed === 2) for (;;) {}', 5_000)
  const all = await worker.run([1, 2, 3])
  expect(all.map(({ seed, promise }) => [seed, promise])).toEqual([
    [1, undefined],
    [2, 'hung'],
  ])
}, 60_000)
