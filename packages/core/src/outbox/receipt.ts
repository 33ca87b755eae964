import type { SynclineError } from '../errors/syncline-error.ts'
import type { Effect } from '../protocol/position.ts'
import type { State } from '../state/state.ts'

/** Why a write is parked. */
export type ParkReason = 'rejected' | 'outcome-unknown' | 'too-old' | 'contract-outdated'

/** The life of a write. */
export type ReceiptStatus =
  /** Handed in, not yet in the outbox. */
  | { readonly at: 'saving' }
  /** In the outbox; `durable: false` with memory storage: a reload loses it. */
  | { readonly at: 'queued'; readonly durable: boolean }
  | { readonly at: 'sent' }
  /** Committed by the hub, with these effects. */
  | { readonly at: 'accepted'; readonly effects: readonly Effect[] }
  /** Its effects have arrived in every joined channel that they touch. */
  | { readonly at: 'applied'; readonly effects: readonly Effect[] }
  | { readonly at: 'parked'; readonly reason: ParkReason; readonly error: SynclineError }
  /** Taken back by the app. */
  | { readonly at: 'discarded' }
  /** Could not even be stored: nothing was sent. */
  | { readonly at: 'failed'; readonly error: SynclineError }

/** A write and what becomes of it. Promises are made on demand: no unhandled rejection. */
export interface Receipt<Result = unknown> {
  /** The write id, `writeId` at the hub. */
  readonly id: string
  readonly channel: string
  readonly kind: 'mutate' | 'publish'
  readonly name: string
  readonly input: unknown
  readonly key: string | undefined
  /** Milliseconds since 1970. */
  readonly createdAt: number
  /** Completes when the client is closed. */
  readonly status$: State<ReceiptStatus>
  /** Resolves once the write is in the outbox, offline too. Rejects with `outbox-full`, `storage-failed`, `closed`. */
  readonly saved: Promise<void>
  /**
   * Resolves with the mutation's result once accepted. Rejects when parked or discarded, and with `closed` when
   * the client is closed before: a write that is durable stays stored, and the next client sends it.
   */
  readonly result: Promise<Result>
}

/** A receipt that is parked, and what can be done with it. */
export interface ParkedWrite extends Receipt {
  readonly reason: ParkReason
  readonly error: SynclineError
}
