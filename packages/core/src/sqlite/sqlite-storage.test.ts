import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clientStorageSuite } from '@syncline/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createDurableKeeper } from '../durable/index.ts'
import { sqliteStorage } from './sqlite-storage.ts'

clientStorageSuite('sqliteStorage', () => {
  const folder = mkdtempSync(join(tmpdir(), 'syncline-'))
  return {
    create: () => sqliteStorage(join(folder, 'outbox.db')),
    dispose: () => rmSync(folder, { recursive: true }),
  }
})

describe('sqliteStorage', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'syncline-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  test('leaves no lock file behind', async () => {
    const storage = await sqliteStorage(join(folder, 'outbox.db')).open('a'.repeat(500))
    const lock = await storage.lock('client:1')
    expect(readdirSync(folder).filter((file) => file.includes('-lock-'))).toHaveLength(1)
    lock?.release()
    await storage.lock('client:2')
    await storage.close()
    expect(readdirSync(folder)).toEqual(['outbox.db'])
  })

  test('says that `:memory:` is not durable', async () => {
    expect(sqliteStorage('outbox.db').keeper).toBe(createDurableKeeper)
    expect(sqliteStorage(':memory:').keeper).toBeUndefined()
    const storage = await sqliteStorage(':memory:').open('ada')
    await storage.commit([{ op: 'put', table: 'outbox', key: 'k', value: 1 }])
    expect(await storage.get('outbox', 'k')).toBe(1)
    expect(await storage.lock('client:1')).toBeDefined()
    await storage.close()
  })

  test('refuses a file that it cannot open with storage-failed', async () => {
    await expect(sqliteStorage(join(folder, 'no', 'such', 'folder.db')).open('ada')).rejects.toMatchObject({
      code: 'storage-failed',
    })
  })
})
