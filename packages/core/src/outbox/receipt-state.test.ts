import { expect, test } from 'vitest'
import { SynclineError } from '../errors/syncline-error.ts'
import type { ReceiptStatus } from './receipt.ts'
import { nextStatus, type ReceiptEvent } from './receipt-state.ts'

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
const events: Record<ReceiptEvent['type'], ReceiptEvent> = {
  stored: { type: 'stored', durable: true },
  failed: { type: 'failed', error },
  sent: { type: 'sent' },
  accepted: { type: 'accepted', effects },
  passed: { type: 'passed' },
  parked: { type: 'parked', reason: 'rejected', error },
  discarded: { type: 'discarded' },
}
/** Everything else changes nothing. */
const table: Partial<Record<`${ReceiptStatus['at']} ${ReceiptEvent['type']}`, ReceiptStatus['at']>> = {
  'saving stored': 'queued',
  'saving failed': 'failed',
  'queued sent': 'sent',
  'queued parked': 'parked',
  'queued discarded': 'discarded',
  'sent accepted': 'accepted',
  'sent parked': 'parked',
  'sent discarded': 'discarded',
  'accepted passed': 'applied',
  'parked discarded': 'discarded',
}

const cases = Object.values(statuses).flatMap((status) =>
  Object.values(events).map((event) => [status.at, event.type, status, event] as const),
)

test.each(cases)('%s + %s', (at, type, status, event) => {
  const wanted = table[`${at} ${type}`]
  const next = nextStatus(status, event)
  if (wanted) expect(next).toEqual(statuses[wanted])
  else expect(next).toBe(status)
})
