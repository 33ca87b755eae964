import type { SynclineError } from '../errors/syncline-error.ts'
import type { Effect } from '../protocol/position.ts'
import type { ParkReason, ReceiptStatus } from './receipt.ts'

/** What happens to a write. */
export type ReceiptEvent =
  | { readonly type: 'stored'; readonly durable: boolean }
  | { readonly type: 'failed'; readonly error: SynclineError }
  | { readonly type: 'sent' }
  | { readonly type: 'accepted'; readonly effects: readonly Effect[] }
  /** Its effects were delivered. */
  | { readonly type: 'passed' }
  | { readonly type: 'parked'; readonly reason: ParkReason; readonly error: SynclineError }
  | { readonly type: 'discarded' }

/** From where each event leads on; anywhere else it changes nothing. */
const from: Readonly<Record<ReceiptEvent['type'], readonly ReceiptStatus['at'][]>> = {
  stored: ['saving'],
  failed: ['saving'],
  sent: ['queued'],
  accepted: ['sent'],
  passed: ['accepted'],
  parked: ['queued', 'sent'],
  discarded: ['queued', 'sent', 'parked'],
}

/** The life of a write as a pure function: the same object when the event does not apply. */
export const nextStatus = (status: ReceiptStatus, event: ReceiptEvent): ReceiptStatus => {
  if (!from[event.type].includes(status.at)) return status
  switch (event.type) {
    case 'stored':
      return { at: 'queued', durable: event.durable }
    case 'accepted':
      return { at: 'accepted', effects: event.effects }
    case 'passed':
      return { at: 'applied', effects: status.at === 'accepted' ? status.effects : [] }
    case 'parked':
      return { at: 'parked', reason: event.reason, error: event.error }
    case 'failed':
      return { at: 'failed', error: event.error }
    default:
      return { at: event.type }
  }
}
