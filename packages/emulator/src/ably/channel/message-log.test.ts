import { expect, test } from 'vitest'
import { defaultLimits } from '../ably-limits.ts'
import { createMessageLog } from './message-log.ts'

const createLog = (changes = {}, born = 0) => {
  let time = 1000
  const log = createMessageLog({ ...defaultLimits, retention: 100, ...changes }, () => time, born)
  return {
    log,
    wait: (milliseconds: number) => {
      time += milliseconds
    },
    add: (seq: number, data = 'x', count = 1) =>
      log.append({ point: { seq, timestamp: time }, items: Array.from({ length: count }, () => ({ data })) }),
    seqs: () => log.entries().map(({ point }) => point.seq),
  }
}

test('who has the last message that went has lost nothing', () => {
  const { log, add, wait, seqs } = createLog()
  for (const seq of [1, 2, 3]) add(seq)
  expect(log.lossAfter(0)).toBe(undefined)
  wait(60)
  add(4)
  wait(60)
  expect(seqs()).toEqual([4])
  expect(log.lossAfter(2)).toBe(90003)
  expect(log.lossAfter(3)).toBe(undefined)
})

test('it is bounded by count and by bytes', () => {
  const many = createLog({ retainedMessages: 3 })
  for (const seq of [1, 2]) many.add(seq, 'x', 2)
  expect(many.seqs()).toEqual([2])
  expect(many.log.lossAfter(0)).toBe(90004)
  const large = createLog({ retainedBytes: 10 })
  for (const seq of [1, 2, 3]) large.add(seq, '12345')
  expect(large.seqs()).toEqual([2, 3])
  expect([large.log.lossAfter(0), large.log.lossAfter(1)]).toEqual([90004, undefined])
})

test('a long life leaves no more behind than a short one', () => {
  const { add, wait, seqs } = createLog({ retainedMessages: 10 })
  for (let seq = 1; seq <= 1000; seq += 1) {
    wait(1)
    add(seq)
  }
  expect(seqs()).toEqual([991, 992, 993, 994, 995, 996, 997, 998, 999, 1000])
})

test('what was before it came to be is unknown', () => {
  const { log } = createLog({}, 7)
  expect([log.lossAfter(6), log.lossAfter(7)]).toEqual([90003, undefined])
})

test('forgetting loses everything up to a point, for the reason given', () => {
  const { log, add, seqs } = createLog()
  add(1)
  log.forget(90005, 2)
  expect([log.lossAfter(1), log.lossAfter(2), seqs()]).toEqual([90005, undefined, []])
  add(3)
  expect(log.lossAfter(2)).toBe(undefined)
})
