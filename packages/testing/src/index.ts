export { type ClientStorageFixture, clientStorageSuite } from './client-storage-suite.ts'
export { type HubStoreFixture, hubStoreSuite } from './hub-store-suite.ts'
export { createVirtualTime, type VirtualTime } from './virtual-time.ts'
