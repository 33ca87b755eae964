import { isCount, isEffect, isError, isFields, isText } from '../protocol/decode-hub-frame.ts'
import type { ParkReason } from './receipt.ts'
import type { StreamRecord, WriteRecord } from './records.ts'

/** The hub takes no longer id or name, in characters. */
const longest = 256
const reasons: readonly ParkReason[] = ['rejected', 'outcome-unknown', 'too-old', 'contract-outdated']

const isName = (value: unknown): boolean => isText(value) && value.length > 0 && value.length <= longest
const isJson = (value: unknown): boolean => {
  if (!isText(value)) return false
  try {
    JSON.parse(value)
    return true
  } catch {
    return false
  }
}
const isParked = (value: unknown): boolean =>
  isFields(value) && reasons.includes(value.reason as ParkReason) && isError(value.error)

/** True for a write as this version, or an older one, stored it: one that is not would take others with it. */
export const isWriteRecord = (value: unknown): value is WriteRecord =>
  isFields(value) &&
  isName(value.id) &&
  isName(value.channel) &&
  (value.kind === 'mutate' || value.kind === 'publish') &&
  (value.name === '' || isName(value.name)) &&
  isJson(value.json) &&
  (value.key === undefined || isText(value.key)) &&
  isCount(value.version) &&
  Number.isFinite(value.createdAt) &&
  (value.parked === undefined || isParked(value.parked)) &&
  (value.voided === undefined || value.voided === true)

const isKept = (value: unknown): boolean =>
  Array.isArray(value) && isCount(value[0]) && Array.isArray(value[1]) && value[1].every(isEffect)

/** True for a stream whose numbers can be gone on from. */
export const isStreamRecord = (value: unknown): value is StreamRecord => {
  if (!isFields(value)) return false
  const { generation, next, sent, accepted } = value
  if (!isCount(generation) || !isCount(next) || !Array.isArray(sent) || !Array.isArray(accepted)) return false
  const orders = sent.filter((order) => order !== null)
  return (
    generation > 0 &&
    sent.length < next &&
    orders.every(isCount) &&
    new Set(orders).size === orders.length &&
    accepted.every(isKept)
  )
}
