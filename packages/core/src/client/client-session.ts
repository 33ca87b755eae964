import type { Environment } from '../environment/environment.ts'
import { SynclineError, toSynclineError } from '../errors/syncline-error.ts'
import { eachOrphan } from '../outbox/each-orphan.ts'
import type { Forget } from '../outbox/outbox.ts'
import { CLIENTS, deleteAll, forgetClient } from '../outbox/records.ts'
import type { ClientStorage, OpenStorage } from '../storage/client-storage.ts'

/** Opens the storage once, when something first needs it. */
export interface ClientSession {
  open(): Promise<OpenStorage>
  /** This tab's client id: known once open; where storage fails, an id that lasts as long as the page. */
  client(): string
  /** The outbox knows the client id. */
  claimed(client: string): void
  /** Whose storage and whose client this is, once that is known: `identity`, or whom the hub confirmed first. */
  subject(): string | undefined
  /** The hub said whose session it is. Stored before anything that is sent to it is marked so. */
  confirm(subject: string): void
  /** Works with the storage, unless it is over: then nothing is done. */
  use<T>(work: (storage: OpenStorage) => Promise<T>): Promise<T | undefined>
  /** Signs out: from now on nobody uses the storage. */
  forget(): void
  readonly forgotten: boolean
  /** Waits for all use, clears what is to be forgotten and closes. */
  close(forget?: Forget): Promise<void>
}

/** In table `meta`: whose storage it is where the app gave no identity. */
const SUBJECT = 'subject'

/** The name of an identity's storage; that of nobody can't be one's that is called so. */
export const storageName = (identity: string | undefined): string =>
  identity === undefined ? 'anonymous' : `identity:${identity}`

/** Stores whose it is with whatever is stored next: nothing is stored without it. */
const nameOwner = (storage: OpenStorage, value: string): void => {
  const commit = storage.commit.bind(storage)
  storage.commit = async (changes, lock) => {
    await commit([{ op: 'put', table: 'meta', key: SUBJECT, value }, ...changes], lock)
    storage.commit = commit
  }
}

/** What another open tab has in the storage, or one that opens just now, is that tab's: it sends or discards it itself. */
const clearStorage = async (storage: OpenStorage, forget: Forget): Promise<void> => {
  await storage.commit([deleteAll('views')])
  await eachOrphan(storage, async (client, lock) => {
    if (forget === 'stored' || !(await storage.entries('outbox', `${client}/`)).length)
      await storage.commit(forgetClient(client), lock)
  })
  // With none of their writes left, it may be the next person's: to whom the hub knows no stream of theirs.
  if (!(await storage.entries('meta', CLIENTS)).length)
    await storage.commit([{ op: 'delete', table: 'meta', key: SUBJECT }])
}

export const createClientSession = (
  storage: ClientStorage,
  identity: string | undefined,
  environment: Environment,
  report: (error: SynclineError) => void,
): ClientSession => {
  let opening: Promise<OpenStorage> | undefined
  let client: string | undefined
  let subject = identity
  let opened: OpenStorage | undefined
  /** Once it is known whose it is. */
  let store: OpenStorage | undefined
  let forgotten = false
  let over = false
  const uses = new Set<Promise<unknown>>()
  const open = async (): Promise<OpenStorage> => {
    opened ??= await storage.open(storageName(identity))
    const owner = identity ?? ((await opened.get('meta', SUBJECT)) as string | undefined)
    subject ??= owner
    // It may be another's than who was confirmed while it could not be opened.
    if (subject !== (owner ?? subject)) throw new SynclineError('identity-mismatch')
    store = opened
    // Where it is stored already too: another tab may be signing out just now.
    if (subject !== undefined && identity === undefined) nameOwner(store, subject)
    return store
  }
  /** What failed is tried again by the next use. */
  const openOnce = (): Promise<OpenStorage> => {
    opening ??= open().catch((error: unknown) => {
      opening = undefined
      throw error
    })
    return opening
  }
  return {
    open: openOnce,
    client: () => {
      client ??= environment.id()
      return client
    },
    claimed: (claimed) => {
      client ??= claimed
    },
    subject: () => subject,
    confirm: (confirmed) => {
      if (subject !== undefined) return
      subject = confirmed
      if (!store) return
      nameOwner(store, confirmed)
      store.commit([]).catch((error: unknown) => report(toSynclineError(error, 'storage-failed')))
    },
    use: (work) => {
      if (over) return Promise.resolve() as Promise<undefined>
      const use = openOnce().then((ready) => (forgotten ? undefined : work(ready)))
      const done = (): boolean => uses.delete(use)
      uses.add(use)
      use.then(done, done)
      return use
    },
    forget: () => {
      forgotten = true
    },
    get forgotten() {
      return forgotten
    },
    close: async (forget) => {
      while (uses.size) await Promise.allSettled(uses)
      over = true
      try {
        // Storage that never opened has nothing to close; but who signs out is told that it was not cleared.
        if (forget) await clearStorage(await openOnce(), forget)
        else await opening?.catch(() => {})
      } finally {
        await opened?.close()
      }
    },
  }
}
