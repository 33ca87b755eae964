import type { WireError } from '../errors/syncline-error.ts'
import type { Effect } from '../protocol/position.ts'
import type { StorageChange, StorageTable } from '../storage/client-storage.ts'
import type { ParkReason } from './receipt.ts'

/** A write in table `outbox`, under `client/order`. */
export interface WriteRecord {
  readonly id: string
  readonly channel: string
  readonly kind: 'mutate' | 'publish'
  readonly name: string
  /** The frozen copy of its data. */
  readonly json: string
  readonly key?: string | undefined
  readonly version: number
  readonly createdAt: number
  readonly parked?: { readonly reason: ParkReason; readonly error: WireError }
  /** Given up by the app after it was sent. */
  readonly voided?: true
}

/** A write stream in table `streams`, under `client/channel`: one small record, whatever waits. */
export interface StreamRecord {
  readonly generation: number
  readonly next: number
  /** The orders of the writes with numbers up to `next - 1`; null where the answer is there already. */
  readonly sent: readonly (number | null)[]
  /** Accepted, and kept until a persisted view includes the effects. */
  readonly accepted: readonly (readonly [order: number, effects: readonly Effect[]])[]
}

/** 15 digits hold every safe integer that a page could count to, and sort as numbers do. */
export const writeKey = (client: string, order: number): string =>
  `${client}/${String(order).padStart(15, '0')}`
export const orderOf = (key: string): number => Number(key.slice(-15))
export const streamKey = (client: string, channel: string): string => `${client}/${channel}`
/** In table `meta`: the clients that have, or may have, writes here. */
export const CLIENTS = 'client/'
export const clientKey = (client: string): string => CLIENTS + client
export const lockName = (client: string): string => `client:${client}`

/** Everything in a table, or everything there whose key starts with `prefix`. */
export const deleteAll = (table: StorageTable, prefix = ''): StorageChange => ({
  op: 'deleteRange',
  table,
  from: prefix,
  to: `${prefix}\uffff`,
})

/** Everything of one client. */
export const forgetClient = (client: string): StorageChange[] => [
  deleteAll('outbox', `${client}/`),
  deleteAll('streams', `${client}/`),
  { op: 'delete', table: 'meta', key: clientKey(client) },
]

/** Deletions of the writes with these orders, one for each contiguous run. */
export const deleteWrites = (client: string, orders: readonly number[]): StorageChange[] => {
  const changes: StorageChange[] = []
  const sorted = [...orders].sort((a, b) => a - b)
  for (let start = 0; start < sorted.length; ) {
    let end = start
    while (sorted[end + 1] === sorted[end]! + 1) end++
    const from = writeKey(client, sorted[start]!)
    changes.push(
      end === start
        ? { op: 'delete', table: 'outbox', key: from }
        : { op: 'deleteRange', table: 'outbox', from, to: writeKey(client, sorted[end]!) },
    )
    start = end + 1
  }
  return changes
}
