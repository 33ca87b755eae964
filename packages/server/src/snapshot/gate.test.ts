import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Gate, type GateSide } from './gate.ts'

it('never lets both sides in, and lets everybody in at some time', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('mutation', 'snapshot', 'leave', 'withdraw'), { maxLength: 100 }),
      (steps) => {
        const gate = new Gate()
        const inside: GateSide[] = []
        const waiting: (() => void)[] = []
        let asked = 0
        let entered = 0
        const check = () => expect(new Set(inside).size).toBeLessThanOrEqual(1)
        const enter = (side: GateSide) => {
          asked++
          const run = () => {
            entered++
            inside.push(side)
            check()
          }
          if (gate.enter(side, run)) run()
          else waiting.push(run)
        }
        const withdraw = () => {
          const run = waiting.shift()
          if (run && gate.withdraw(run)) asked--
        }
        const leave = () => {
          if (inside.length === 0) return
          inside.pop()
          gate.leave()
        }
        for (const step of steps) {
          if (step === 'leave') leave()
          else if (step === 'withdraw') withdraw()
          else enter(step)
        }
        while (inside.length > 0) leave()
        expect(entered).toBe(asked)
        expect(gate.idle).toBe(true)
      },
    ),
  )
})

it('keeps the order of arrival: who comes after a waiting reader does not pass it', () => {
  const gate = new Gate()
  const order: string[] = []
  const enter = (side: GateSide, name: string) => {
    if (gate.enter(side, () => order.push(name))) order.push(name)
  }
  enter('mutation', 'a')
  enter('snapshot', 'reader')
  enter('mutation', 'b')
  enter('snapshot', 'reader 2')
  expect(order).toEqual(['a'])
  gate.leave()
  expect(order).toEqual(['a', 'reader'])
  gate.leave()
  expect(order).toEqual(['a', 'reader', 'b'])
  gate.leave()
  expect(order).toEqual(['a', 'reader', 'b', 'reader 2'])
})

it('lets those pass who waited behind one that gave up', () => {
  const gate = new Gate()
  const order: string[] = []
  gate.enter('mutation', () => undefined)
  const reader = () => order.push('reader')
  gate.enter('snapshot', reader)
  gate.enter('mutation', () => order.push('b'))
  gate.enter('snapshot', () => order.push('reader 2'))
  expect([gate.withdraw(reader), gate.withdraw(reader)]).toEqual([true, false])
  expect(order).toEqual(['b'])
  gate.leave()
  expect(order).toEqual(['b'])
  gate.leave()
  expect(order).toEqual(['b', 'reader 2'])
})
