import { expect, test } from 'vitest'
import { SynclineError } from '../errors/syncline-error.ts'
import type { ReceiptStatus } from './receipt.ts'
import { type NextStatus, nextStatus } from './receipt-state.ts'

const error = new SynclineError('rejected')
const effects = [{ channel: 'todos', position: { epoch: 'e', seq: 1 } }]

const statuses: Record<ReceiptStatus['at'], ReceiptStatus> = {
  saving: { at: 'saving' },
  queued: { at: 'queued', durable: true },
  sent: { at: 'sent' },
  accepted: { at: 'accepted', effects },
  applied: { at: 'applied', effects },
  parked: { at: 'parked', reason: 'rejected', error },
  discarded: { at: 'discarded' },
  failed: { at: 'failed', error },
}
/** Everything else changes nothing. */
const table: readonly `${ReceiptStatus['at']} → ${NextStatus['at']}`[] = [
  'saving → queued',
  'saving → failed',
  'queued → sent',
  'queued → parked',
  'queued → discarded',
  'sent → accepted',
  'sent → parked',
  'sent → discarded',
  'accepted → applied',
  'parked → discarded',
]

const { saving: _, ...nexts } = statuses
const cases = Object.values(statuses).flatMap((status) =>
  Object.values(nexts).map((next) => [`${status.at} → ${next.at}`, status, { ...next }] as const),
)

test.each(cases)('%s', (step, status, next) => {
  const leads = (table as readonly string[]).includes(step)
  expect(nextStatus(status, next as NextStatus)).toBe(leads ? next : status)
})
