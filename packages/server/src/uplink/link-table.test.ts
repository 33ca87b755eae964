import { expect, test } from 'vitest'
import { createJumpingClock } from '../testing/jumping-clock.ts'
import { createLinkTable } from './link-table.ts'

const start = () => {
  const { time, environment, jump } = createJumpingClock()
  const told: string[] = []
  const hub = { environment, heartbeat: 1_000, limits: { frameBytes: 1_000 } }
  const links = createLinkTable(hub as never, { name: 'test', wake: () => undefined } as never)
  const link = {
    id: 'a',
    askedAt: environment.now(),
    wake: () => void told.push('wake'),
    end: () => {
      told.push('end')
      links.gone(link as never)
    },
  }
  links.add(link as never)
  return { time, jump, told }
}

test('a client that says nothing is woken, and given up after two and a half heartbeats', async () => {
  const { time, told } = start()
  await time.advance(2_400)
  expect(told).toEqual(['wake'])
  await time.advance(600)
  expect(told).toEqual(['wake', 'end'])
})

test('it is given up also when the clock is set back, counted from then on', async () => {
  const { time, jump, told } = start()
  jump(-3_600_000)
  await time.advance(4_000)
  expect(told).toContain('end')
})
