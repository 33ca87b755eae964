import { createVirtualTime } from '@syncline/testing'
import { expect, it } from 'vitest'
import { consoleLogger } from '../logger.ts'
import { memoryStore } from '../store/memory-store.ts'
import { keepTrimmed } from './trim.ts'

const setUp = (durable: boolean) => {
  const time = createVirtualTime()
  const trims: number[] = []
  const store = {
    ...memoryStore(),
    durable,
    trim: async () => void trims.push(time.environment.now() - start),
  }
  const start = time.environment.now()
  const appended = keepTrimmed({
    store,
    environment: time.environment,
    logger: consoleLogger,
    ready: Promise.resolve(),
    retention: undefined,
    streamAge: undefined,
  })
  return { time, trims, appended }
}

it('trims a store in memory as it fills, and every minute', async () => {
  const { time, trims, appended } = setUp(false)
  appended(9_999)
  await time.settle()
  expect(trims).toEqual([])
  appended(1)
  appended(1)
  await time.settle()
  expect(trims).toEqual([0])
  await time.advance(120_000)
  expect(trims).toEqual([0, 60_000, 120_000])
})

it('trims a durable store every minute only', async () => {
  const { time, trims, appended } = setUp(true)
  appended(1_000_000)
  await time.advance(60_000)
  expect(trims).toEqual([60_000])
})
