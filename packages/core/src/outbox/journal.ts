import type { SynclineError } from '../errors/syncline-error.ts'
import type { StorageChange } from '../storage/client-storage.ts'
import { deleteWrites } from './records.ts'
import type { Write } from './write.ts'

/** What of a lane is still to be stored, and the commit that is on its way. */
export interface Journal {
  /** The commit on its way: one at a time. */
  readonly committing: Promise<void> | undefined
  /** Something is to be stored. */
  readonly dirty: boolean
  /** The stream has changed. */
  touch(): void
  /** The write has changed. */
  put(write: Write): void
  /** The write leaves the outbox. */
  erase(write: Write): void
  /** Resolves once what is noted so far was stored; rejects when it never will be. */
  next(): Promise<void>
  /** Stores all that was noted, and the stream. What is refused is noted again. */
  commit(stream: () => StorageChange, stored: () => void, refused: (error: unknown) => void): void
  /** Nothing will be stored any more: nobody need wait for it. With an error that is what they are told. */
  abandon(error?: SynclineError): void
}

type Waiter = (error?: SynclineError) => void

/**
 * @param store stores the changes, all or none
 * @param marks what tells other tabs how a write ended
 */
export const createJournal = (
  client: string,
  store: (client: string, changes: readonly StorageChange[]) => Promise<void>,
  marks: (write: Write) => readonly StorageChange[],
): Journal => {
  let gone: Write[] = []
  let changed = new Set<Write>()
  let waiters: Waiter[] = []
  let dirty = false
  let committing: Promise<void> | undefined
  let abandoned = false

  const release = (waiting: readonly Waiter[], error?: SynclineError): void => {
    for (const settle of waiting) settle(error)
  }

  return {
    get committing() {
      return committing
    },
    get dirty() {
      return dirty
    },
    touch: () => {
      dirty = true
    },
    put: (write) => {
      dirty = true
      changed.add(write)
    },
    erase: (write) => {
      dirty = true
      write.removed = true
      gone.push(write)
    },
    next: () =>
      new Promise((resolve, reject) => waiters.push((error) => (error ? reject(error) : resolve()))),
    commit: (stream, stored, refused) => {
      const taken = { gone, changed, waiters }
      const commit = store(client, [
        ...[...taken.changed].filter(({ removed }) => !removed).map((write) => write.toPut()),
        ...deleteWrites(
          client,
          taken.gone.map(({ order }) => order),
        ),
        ...taken.gone.flatMap(marks),
        stream(),
      ])
      gone = []
      changed = new Set()
      waiters = []
      dirty = false
      const done = (): void => {
        committing = undefined
        release(taken.waiters)
        stored()
      }
      committing = commit.then(done, (error: unknown) => {
        committing = undefined
        dirty = true
        gone = [...taken.gone, ...gone]
        changed = new Set([...taken.changed, ...changed])
        waiters = [...taken.waiters, ...waiters]
        if (abandoned) release(waiters)
        refused(error)
      })
    },
    abandon: (error) => {
      abandoned = true
      release(waiters, error)
    },
  }
}
