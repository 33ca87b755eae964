import { clientStorageSuite } from '@syncline/testing'
import { expect, test } from 'vitest'
import { memoryStorage } from './memory-storage.ts'

clientStorageSuite('memoryStorage', () => {
  const storage = memoryStorage()
  return { create: () => storage }
})

test('says that it is not durable', () => {
  expect(memoryStorage().keeper).toBeUndefined()
})
