import { isAnchor, isCount, isFields, isListOf, isText } from '../protocol/decode-hub-frame.ts'
import type { Anchor } from '../protocol/position.ts'
import type { OpenStorage } from '../storage/client-storage.ts'
import type { Base } from './fold.ts'

/** Brings a stored state of an older contract version up to this one; undefined drops it. */
export type UpgradeView = (state: unknown, version: number) => unknown

/** A view as it lies in storage: one value, so that state and position are never apart. */
export interface StoredView {
  readonly state: unknown
  readonly position: Anchor
  /** The contract's version. */
  readonly version: number
  /** Writes that are in the state and were still in the outbox of this tab or another. */
  readonly seen: readonly string[]
  /** The state is known to lack something. */
  readonly stale: boolean
}

export const storedViewKey = (channel: string, name: string): string => `${channel}|${name}`

const isStoredView = (view: unknown): view is StoredView =>
  isFields(view) && isAnchor(view.position) && isCount(view.version) && isListOf(view.seen, isText)

/** Reads a view; undefined when there is none, or it is of another version and cannot be upgraded. */
export const readView = async (
  storage: OpenStorage,
  key: string,
  version: number,
  upgrade: UpgradeView | undefined,
): Promise<StoredView | undefined> => {
  const found = await storage.get('views', key)
  if (!isStoredView(found)) return undefined
  if (found.version === version) return found
  const state = upgrade?.(found.state, found.version)
  return state === undefined ? undefined : { ...found, state, version }
}

export const writeView = (storage: OpenStorage, key: string, view: Base & StoredView): Promise<void> =>
  storage.commit([{ op: 'put', table: 'views', key, value: view }])
