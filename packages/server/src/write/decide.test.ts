import type { WireWrite } from '@syncline/core/protocol'
import { describe, expect, it } from 'vitest'
import type { StoredAnswer } from '../store/hub-store.ts'
import { decide, voidHash } from './decide.ts'

const answer = (n: number, hash = `h${n}`): StoredAnswer => ({
  n,
  id: `w${n}`,
  hash,
  outcome: { type: 'accepted', result: 'null', effects: [] },
})
const write = (n: number, kind: WireWrite[2] = 'mutate', id = `w${n}`): WireWrite => [
  n,
  id,
  kind,
  'm',
  null,
  1,
]
const none = { known: false, last: 0, answers: [] }
const some = { known: true, last: 5, answers: [answer(4), answer(5, voidHash)] }
const taken = [
  { id: 'w6', hash: 'h6' },
  { id: 'w7', hash: 'h7' },
]

describe('decide', () => {
  it.each([
    ['the first of a new stream', none, [], write(1), 'h1', 'run'],
    ['not the first of a stream nobody knows', none, [], write(2), 'h2', 'unknown'],
    [
      'the second of a new stream while the first runs',
      none,
      [{ id: 'w1', hash: 'h1' }],
      write(2),
      'h2',
      'run',
    ],
    ['too far ahead in a new stream', none, [{ id: 'w1', hash: 'h1' }], write(3), 'h3', 'back'],
    ['the next', some, taken, write(8), 'h8', 'run'],
    ['too far ahead', some, taken, write(9), 'h9', 'back'],
    ['one under way', some, taken, write(7), 'h7', 'pending'],
    ['another in the place of one under way', some, taken, write(7), 'other', 'conflict'],
    ['another id in the place of one under way', some, taken, write(7, 'mutate', 'x'), 'h7', 'conflict'],
    ['giving up one under way', some, taken, write(7, 'void'), voidHash, 'pending'],
    ['another in the place of one answered', some, taken, write(4), 'other', 'conflict'],
    ['one whose answer was let go', some, taken, write(3), 'h3', 'forgotten'],
  ] as const)('%s', (_, stream, under, given, hash, decision) => {
    expect(decide(stream, under, given, hash)).toBe(decision)
  })

  it('answers what was answered, given up or not', () => {
    expect(decide(some, taken, write(4), 'h4')).toBe(some.answers[0])
    expect(decide(some, taken, write(4, 'void'), voidHash)).toBe(some.answers[0])
    expect(decide(some, taken, write(5), 'h5')).toBe(some.answers[1])
  })
})
