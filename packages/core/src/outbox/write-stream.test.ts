import { expect, test } from 'vitest'
import {
  answer,
  assign,
  firstOpen,
  goBack,
  newStream,
  openAt,
  openFrom,
  restart,
  unassign,
} from './write-stream.ts'

const three = assign(newStream<string>(), ['a', 'b', 'c'])

test('numbers are contiguous from 1', () => {
  expect(three).toEqual({ generation: 1, next: 4, sent: ['a', 'b', 'c'] })
  expect(assign(three, ['d']).next).toBe(5)
  expect(assign(three, [])).toEqual(three)
  expect(openAt(three, 2)).toBe('b')
  expect([0, 4, -1].map((n) => openAt(three, n))).toEqual([undefined, undefined, undefined])
})

test('numbers that never left are given again', () => {
  expect(assign(unassign(three, 2), ['x'])).toEqual({ generation: 1, next: 3, sent: ['a', 'x'] })
  expect(unassign(three, 0)).toBe(three)
})

test('answers close the window from the front, in any order', () => {
  const second = answer(three, [2])
  expect(second).toEqual({ generation: 1, next: 4, sent: ['a', undefined, 'c'] })
  expect(openFrom(second, 0)).toEqual([
    [1, 'a'],
    [3, 'c'],
  ])
  expect(firstOpen(second)).toBe(1)
  const first = answer(second, [1])
  expect(first).toEqual({ generation: 1, next: 4, sent: ['c'] })
  expect(firstOpen(first)).toBe(3)
  expect(answer(first, [3, 3, 9, 0])).toEqual({ generation: 1, next: 4, sent: [] })
  expect(assign(answer(first, [3]), ['d'])).toEqual({ generation: 1, next: 5, sent: ['d'] })
})

test('going back: to an open number or to the next; any other is unknown', () => {
  const stream = answer(three, [1])
  expect(goBack(stream, 2)).toBe(2)
  expect(goBack(stream, 3)).toBe(3)
  expect(goBack(stream, 4)).toBe(4)
  for (const expected of [0, 1, 5, 100]) expect(goBack(stream, expected)).toBe('unknown')
  expect(goBack(answer(three, [2]), 2)).toBe('unknown')
  expect(openFrom(stream, 3)).toEqual([[3, 'c']])
})

test('a stream that the hub forgot starts again at 1, one generation on', () => {
  expect(restart(answer(three, [2]), 4)).toEqual({
    stream: { generation: 2, next: 1, sent: [] },
    lost: ['a', 'c'],
    again: [],
  })
})

test('what only the hub that forgot it has seen is not lost', () => {
  expect(restart(three, 2)).toEqual({
    stream: { generation: 2, next: 1, sent: [] },
    lost: ['a'],
    again: ['b', 'c'],
  })
})
