import type { Environment } from '../environment/environment.ts'
import { claimClient } from '../outbox/tab-lock.ts'
import type { ClientStorage, OpenStorage, StorageLock } from '../storage/client-storage.ts'

/** The storage of one identity, opened, and this tab's place in it. */
export interface OpenSession {
  readonly storage: OpenStorage
  readonly client: string
  readonly lock: StorageLock
}

/** Opens the storage once, when something first needs it. */
export interface ClientSession {
  open(): Promise<OpenSession>
  /** This tab's client id: known once open; where storage fails, an id that lasts as long as the page. */
  client(): string
  readonly opened: boolean
}

/** The name of an identity's storage; that of nobody can't be one's that is called so. */
export const storageName = (identity: string | undefined): string =>
  identity === undefined ? 'anonymous' : `identity:${identity}`

export const createClientSession = (
  storage: ClientStorage,
  identity: string | undefined,
  environment: Environment,
): ClientSession => {
  let opening: Promise<OpenSession> | undefined
  let client: string | undefined
  const open = async (): Promise<OpenSession> => {
    const opened = await storage.open(storageName(identity))
    const claim = await claimClient(opened, environment)
    client = claim.client
    return { storage: opened, ...claim }
  }
  return {
    open: () => {
      opening ??= open()
      return opening
    },
    client: () => {
      client ??= environment.id()
      return client
    },
    get opened() {
      return opening !== undefined
    },
  }
}
