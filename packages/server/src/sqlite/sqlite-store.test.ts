import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hubStoreSuite } from '@syncline/testing'
import { sqliteStore } from './sqlite-store.ts'

hubStoreSuite('sqliteStore', () => {
  const folder = mkdtempSync(join(tmpdir(), 'syncline-'))
  return {
    create: () => sqliteStore(join(folder, 'hub.db')),
    dispose: () => rmSync(folder, { recursive: true }),
  }
})
