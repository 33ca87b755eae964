import { hubStoreSuite } from '@syncline/testing'
import { memoryStore } from './memory-store.ts'

hubStoreSuite('memoryStore', () => {
  const store = memoryStore()
  return { create: () => store }
})
