import { createVirtualTime } from '@syncline/testing'
import { expect, it } from 'vitest'
import { memoryStorage } from '../storage/memory-storage.ts'
import { claimClient } from './tab-lock.ts'

it('finds the id of each identity again when a tab goes from one person to another and back', async () => {
  const { environment } = createVirtualTime()
  const storage = memoryStorage()
  const claim = async (identity: string) => {
    const { client, lock } = await claimClient(await storage.open(identity), environment)
    lock.release()
    return client
  }
  const ada = await claim('ada')
  const grace = await claim('grace')
  expect(grace).not.toBe(ada)
  expect(await claim('ada')).toBe(ada)
  expect(await claim('grace')).toBe(grace)
})
