import type { ReceiptStatus } from './receipt.ts'

/** What a write can become. */
export type NextStatus = Exclude<ReceiptStatus, { readonly at: 'saving' }>

/** From where each status is reached; from anywhere else nothing changes. */
const from: Readonly<Record<NextStatus['at'], readonly ReceiptStatus['at'][]>> = {
  queued: ['saving'],
  failed: ['saving'],
  sent: ['queued'],
  accepted: ['sent'],
  applied: ['accepted'],
  parked: ['queued', 'sent'],
  discarded: ['queued', 'sent', 'parked'],
}

/** The life of a write as a pure function: the same object when it does not become what it is told to. */
export const nextStatus = (status: ReceiptStatus, next: NextStatus): ReceiptStatus =>
  from[next.at].includes(status.at) ? next : status
