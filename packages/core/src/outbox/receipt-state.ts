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

/** Where each event leads, and from where; anywhere else it changes nothing. */
const steps: Readonly<Record<ReceiptEvent['type'], readonly ReceiptStatus['at'][]>> = {
  stored: ['queued', 'saving'],
  failed: ['failed', 'saving'],
  sent: ['sent', 'queued'],
  accepted: ['accepted', 'sent'],
  passed: ['applied', 'accepted'],
  parked: ['parked', 'queued', 'sent'],
  discarded: ['discarded', 'queued', 'sent', 'parked'],
}

/** The life of a write as a pure function: the same object when the event does not apply. */
export const nextStatus = (status: ReceiptStatus, event: ReceiptEvent): ReceiptStatus => {
  const { type, ...details } = event
  const step = steps[type]
  return step.indexOf(status.at) > 0
    ? ({ ...(type === 'passed' && status), ...details, at: step[0] } as ReceiptStatus)
    : status
}
