export { type IndexedDbOptions, indexedDb } from './indexed-db.ts'
