import { toSynclineError } from '../errors/syncline-error.ts'
import type { PendingWrite } from '../outbox/outbox.ts'
import { readView, type StoredView, storedViewKey, type UpgradeView, writeView } from './stored-view.ts'
import type { ViewSource } from './view-source.ts'

/** Keeps a view in the client's storage. */
export interface ViewKeeper {
  load(): Promise<StoredView | undefined>
  /** Stores soon. */
  changed(): void
  /** The outbox was read: what waited for that is stored soon. */
  loaded(): void
  /** Stores now what has changed. */
  save(): Promise<void>
}

export interface ViewKeeperOptions
  extends Pick<ViewSource, 'log' | 'loaded$' | 'storage' | 'settled' | 'environment' | 'report'> {
  readonly name: string
  readonly version: number
  readonly persist: boolean
  readonly upgrade: UpgradeView | undefined
}

/** A stored view is at most so much older than what was shown, in milliseconds. */
const persistDelay = 250

/** @param current what is to be stored beside these writes of all tabs; undefined when that should not be. */
export const createViewKeeper = (
  options: ViewKeeperOptions,
  current: (outbox: readonly PendingWrite[]) => StoredView | undefined,
): ViewKeeper => {
  const key = storedViewKey(options.log.name, options.name)
  let unsaved = false
  let cancel: (() => void) | undefined

  const failed = (cause: unknown): undefined => {
    options.report(toSynclineError(cause, 'storage-failed'))
  }
  const save = async (): Promise<void> => {
    cancel?.()
    cancel = undefined
    if (!unsaved || !options.loaded$.get()) return
    unsaved = false
    try {
      await options.storage(async (storage) => {
        // First: a write that comes later cannot be in the state yet.
        const outbox = await storage.entries('outbox', '')
        const view = current(outbox.map(([, write]) => write as PendingWrite))
        if (!view) return
        await writeView(storage, key, view)
        options.settled(view.position)
      })
    } catch (cause) {
      failed(cause)
    }
  }
  const changed = (): void => {
    if (!options.persist) return
    unsaved = true
    cancel ??= options.environment.setTimer(persistDelay, () => void save())
  }

  return {
    load: async () => {
      try {
        return await options.storage((storage) => readView(storage, key, options.version, options.upgrade))
      } catch (cause) {
        return failed(cause)
      }
    },
    changed,
    loaded: () => {
      if (unsaved) changed()
    },
    save,
  }
}
