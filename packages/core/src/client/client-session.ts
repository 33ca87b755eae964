import type { Environment } from '../environment/environment.ts'
import { type SynclineError, toSynclineError } from '../errors/syncline-error.ts'
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
  /** Whose storage and whose client this is, once that is known: `identity`, or whom the hub confirmed first. */
  subject(): string | undefined
  /** The hub said whose session it is. Stored before anything that is sent to it is marked so. */
  confirm(subject: string): void
  readonly opened: boolean
}

/** In table `meta`: whose storage it is where the app gave no identity. */
export const SUBJECT = 'subject'

/** The name of an identity's storage; that of nobody can't be one's that is called so. */
export const storageName = (identity: string | undefined): string =>
  identity === undefined ? 'anonymous' : `identity:${identity}`

export const createClientSession = (
  storage: ClientStorage,
  identity: string | undefined,
  environment: Environment,
  report: (error: SynclineError) => void,
): ClientSession => {
  let opening: Promise<OpenSession> | undefined
  let client: string | undefined
  let subject = identity
  let store: OpenStorage | undefined
  const open = async (): Promise<OpenSession> => {
    const opened = await storage.open(storageName(identity))
    const claim = await claimClient(opened, environment)
    client = claim.client
    store = opened
    subject ??= (await opened.get('meta', SUBJECT)) as string | undefined
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
    subject: () => subject,
    confirm: (confirmed) => {
      if (subject !== undefined) return
      subject = confirmed
      // At once: what is marked `sent` from now on is stored after it.
      store
        ?.commit([{ op: 'put', table: 'meta', key: SUBJECT, value: confirmed }])
        .catch((error: unknown) => report(toSynclineError(error, 'storage-failed')))
    },
    get opened() {
      return opening !== undefined
    },
  }
}
