import { createDefaultEnvironment, type TokenReason } from '@syncline/core'
import { eventually, until } from '@syncline/testing'
import { describe, expect, test } from 'vitest'
import { createHouse, type Provider, providers } from '../four-providers/house.ts'
import { authenticate } from './authenticate.ts'
import { createClock } from './clock.ts'
import { createHubEnvironment } from './hub-environment.ts'
import { createWitness, expectTruth } from './truth.ts'

const hour = 3_600_000
/** Milliseconds: a machine may be busy for two of them without a link that is given up. */
const heartbeat = 2_000
/** Milliseconds in which a silent link is noticed: a few heartbeats, and the patience with a link that is checked. */
const noticed = 30_000

/** A window with a clock of its own and a token for an hour, one with the right time, and their hub. */
const open = async (provider: Provider, onTestFinished: NonNullable<Parameters<typeof createHouse>[0]>) => {
  const house = await createHouse(onTestFinished)
  const hubClock = createClock()
  const environment = { ...createHubEnvironment(), now: hubClock.now }
  await house.start(undefined, { heartbeat, environment, authenticate })
  const clock = createClock()
  const reasons: TokenReason[] = []
  const ada = await house.open(provider, {
    identity: 'ada',
    environment: { ...createDefaultEnvironment(), now: clock.now },
    // The one who gives it has the right time, and each says what the other's is.
    token: ({ reason }) => {
      reasons.push(reason)
      return { token: `ada ${hubClock.now() + hour}`, expiresAt: clock.now() + hour }
    },
  })
  const grace = await house.open('socket.io', { identity: 'grace' })
  const windows = [ada, grace] as const
  const statuses: string[] = []
  ada.client.status$.subscribe(({ at }) => statuses.push(at))
  for (const window of windows) window.enter()
  await Promise.all(windows.map((window) => window.live()))
  await Promise.all(windows.map((window) => window.inside()))
  await eventually(() => windows.every((window) => window.names().length === 2), {
    what: 'Both on both lists',
  })
  const witness = createWitness(house)
  let said = 0
  const talk = async () => {
    const writes = windows.map((window) => {
      const text = `${window.name} ${++said}`
      return witness.watch(text, window.say(text))
    })
    await Promise.all(writes.map(({ result }) => result))
    await expectTruth(house, windows, witness)
  }
  await talk()
  return { house, ada, grace, clock, hubClock, reasons, statuses, talk }
}

describe.concurrent('a wall clock that jumps by hours, forward and back', () => {
  test.for(providers)(
    'costs a client on %s neither its link nor a write, and a silent link is noticed all the same',
    { timeout: 240_000 },
    async (provider, { onTestFinished }) => {
      const { ada, grace, clock, reasons, statuses, talk } = await open(provider, onTestFinished)
      const { hub } = ada.network
      const lists = grace.lists().length
      for (const jump of [3 * hour, -6 * hour]) {
        const before = statuses.length
        clock.jump(jump)
        await talk()
        expect(statuses.slice(before)).toEqual([])
        // The last that comes up is a ping: there will be no answer to it.
        hub.pause('down')
        await hub.passed('up')
        clock.jump(-jump)
        await until(ada.client.status$, ({ at }) => at !== 'connected', {
          timeout: noticed,
          what: 'The silence',
        })
        hub.resume()
        await until(ada.client.status$, ({ at }) => at === 'connected', { timeout: noticed })
        await talk()
        clock.jump(jump)
      }
      expect(reasons).not.toContain('refused')
      expect(statuses).not.toContain('needs-auth')
      for (const list of grace.lists().slice(lists)) expect(list).toContain('ada')
    },
  )

  test.for(providers)(
    'at the hub costs a client on %s no write, and nobody is seen leaving',
    { timeout: 240_000 },
    async (provider, { onTestFinished }) => {
      const { ada, grace, hubClock, statuses, talk } = await open(provider, onTestFinished)
      const lists = grace.lists().length
      for (const jump of [3 * hour, -6 * hour, 27 * hour, -24 * hour]) {
        hubClock.jump(jump)
        await talk()
      }
      expect(statuses).not.toContain('needs-auth')
      for (const list of grace.lists().slice(lists)) expect(list).toEqual(['ada', 'grace'])
      await ada.close()
      await eventually(() => grace.names().length === 1, { what: 'Ada gone', timeout: noticed })
    },
  )
})
