import { beforeEach, expect, test } from 'vitest'
import { createKeyOrder, type KeyOrder } from './key-order.ts'
import { createScopedOrder } from './scoped-order.ts'
import { createWaitingLine, type WaitingLine } from './waiting-line.ts'
import { Write } from './write.ts'

let keys: KeyOrder
let line: WaitingLine
beforeEach(() => {
  keys = createKeyOrder()
  line = createWaitingLine(keys, () => {})
})
const write = (id: string, key?: string): Write =>
  new Write({
    id,
    channel: 'c',
    kind: 'mutate',
    name: 'n',
    json: '1',
    version: 1,
    createdAt: 0,
    ...(key !== undefined && { key }),
  })
const take = (room = 100) => line.take(room, () => true).map(({ id }) => id)

test('goes in order, at most as many as there is room for', () => {
  for (const id of ['a', 'b', 'c']) line.enqueue(write(id))
  expect(take(2)).toEqual(['a', 'b'])
  expect(take()).toEqual(['c'])
  expect(line.size).toBe(0)
})

test('a parked key holds its own writes, which then come before younger ones', () => {
  const parked = write('p', 'k')
  line.park(parked)
  const held = write('a', 'k')
  for (const each of [held, write('b'), write('c', 'j')]) line.enqueue(each)
  expect(take()).toEqual(['b', 'c'])
  line.enqueue(write('d', 'k'))
  expect(take()).toEqual([])
  line.enqueue(write('e', 'k'))
  expect(line.size).toBe(4)
  line.unpark(parked)
  line.unpark(parked)
  expect(take()).toEqual(['a'])
  line.arrive(held)
  expect(take()).toEqual(['d'])
  expect(line.size).toBe(1)
})

test('writes with the same key go one after the other, others beside them', () => {
  const [first, second, third] = [write('a', 'k'), write('b', 'k'), write('c', 'k')]
  for (const each of [first, write('x'), second, write('y', 'j'), third]) line.enqueue(each)
  expect(take()).toEqual(['a', 'x', 'y'])
  expect(take()).toEqual([])
  line.arrive(first)
  expect(take()).toEqual(['b'])
  line.park(second)
  line.arrive(second)
  expect(take()).toEqual([])
  line.unpark(second)
  expect(take()).toEqual(['c'])
})

test('what is under way since before a reload takes its key along', () => {
  const sent = write('a', 'k')
  line.depart(sent)
  line.enqueue(write('b', 'k'))
  expect(take()).toEqual([])
  line.arrive(sent)
  expect(take()).toEqual(['b'])
})

test('a key stays held while any of its writes is parked', () => {
  const [first, second] = [write('p', 'k'), write('q', 'k')]
  line.park(first)
  line.park(second)
  line.enqueue(write('a', 'k'))
  expect(take()).toEqual([])
  line.unpark(first)
  expect(take()).toEqual([])
  line.unpark(second)
  expect(take()).toEqual(['a'])
})

test('what was put back comes first, what was removed never', () => {
  const [a, b, c] = [write('a'), write('b', 'k'), write('c', 'k')]
  for (const each of [b, c]) line.enqueue(each)
  line.putBack([a])
  line.remove(b)
  expect(take()).toEqual(['a', 'c'])
  line.park(write('p', 'k'))
  line.enqueue(b)
  expect(take()).toEqual([])
  line.remove(b)
  expect(line.size).toBe(1)
})

test('all unsent writes of a key can be taken out, held ones first', () => {
  line.park(write('p', 'k'))
  line.enqueue(write('a', 'k'))
  take()
  for (const each of [write('b', 'k'), write('c')]) line.enqueue(each)
  expect(line.detach('k').map(({ id }) => id)).toEqual(['a', 'b'])
  expect(line.detach(undefined)).toEqual([])
  expect(take()).toEqual(['c'])
})

test('two lines share a key: what waits in one holds back the other, which goes on by itself', () => {
  let woken = 0
  const other = createWaitingLine(keys, () => woken++)
  const [first, second, third] = [write('a', 'k'), write('b', 'k'), write('c', 'k')]
  line.enqueue(first)
  for (const each of [second, write('x'), third]) other.enqueue(each)
  const takeOther = () => other.take(100, () => true).map(({ id }) => id)
  expect(takeOther()).toEqual(['x'])
  expect(take()).toEqual(['a'])
  expect(woken).toBe(0)
  line.arrive(first)
  expect(woken).toBe(1)
  expect(takeOther()).toEqual(['b'])
  expect(takeOther()).toEqual([])
})

test('a line that was given up holds nothing back', () => {
  const scope = createScopedOrder(keys)
  line = createWaitingLine(scope, () => {})
  const other = createWaitingLine(keys, () => {})
  const [sent, parked] = [write('a', 'k'), write('p', 'j')]
  for (const each of [sent, write('b', 'k'), write('c', 'i')]) line.enqueue(each)
  expect(line.take(1, () => true)).toEqual([sent])
  line.park(parked)
  for (const key of ['k', 'j', 'i']) other.enqueue(write(key, key))
  expect(other.take(100, () => true)).toEqual([])
  scope.abandon()
  const taken = other.take(100, () => true)
  expect(taken.map(({ id }) => id).sort()).toEqual(['i', 'j', 'k'])
  line.arrive(sent)
  line.putBack([sent])
  for (const each of taken) other.arrive(each)
  other.enqueue(write('k2', 'k'))
  expect(other.take(100, () => true)).toHaveLength(1)
})
