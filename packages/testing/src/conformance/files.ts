import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ClientStorage } from '@syncline/core'
import type { HubStore } from '@syncline/server'
import { onTestFinished } from 'vitest'

/** A directory that lasts as long as the test. */
export const temporaryDirectory = async (): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), 'syncline-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}

// Loaded when needed: `node:sqlite` is not on every Node that the rest runs on.

/** The hub's log in a file: opened again it is the same log. */
export const openHubFile = async (file: string): Promise<HubStore<never>> =>
  (await import('@syncline/server/sqlite')).sqliteStore(file) as unknown as HubStore<never>

/** A client's storage in a file: what a page leaves there, the next one finds. */
export const openClientFile = async (file: string): Promise<ClientStorage> =>
  (await import('@syncline/core/sqlite')).sqliteStorage(file)
