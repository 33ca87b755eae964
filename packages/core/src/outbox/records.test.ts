import { expect, test } from 'vitest'
import { deleteWrites, orderOf, writeKey } from './records.ts'

const key = (order: number) => writeKey('c', order)

test('keys sort as their orders do', () => {
  const orders = [1, 2, 9, 10, 99, 100, 123_456_789]
  expect(orders.map(key).sort().map(orderOf)).toEqual(orders)
})

test('deletions are one for each contiguous run, and reach nothing between', () => {
  expect(deleteWrites('c', [3, 1, 2, 5, 8, 7])).toEqual([
    { op: 'deleteRange', table: 'outbox', from: key(1), to: key(3) },
    { op: 'delete', table: 'outbox', key: key(5) },
    { op: 'deleteRange', table: 'outbox', from: key(7), to: key(8) },
  ])
  expect(deleteWrites('c', [])).toEqual([])
})
