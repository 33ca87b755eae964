import { join } from 'node:path'
import { memoryStorage, type TokenReason } from '@syncline/core'
import { expect } from 'vitest'
import { collect } from '../collect.ts'
import { eventually, until } from '../until.ts'
import { openClientFile, temporaryDirectory } from './files.ts'
import { runName } from './run-name.ts'
import type { Scenario } from './scenario.ts'
import { channelOf } from './todo-contract.ts'
import { type Device, tokenOf } from './world.ts'

const needsAuth = (device: Device) =>
  until(device.client.status$, ({ at }) => at === 'needs-auth', { what: 'needs-auth' })

/** Promise 8: one token source, one person's data, no retries burnt. */
export const identitySuite = (scenario: Scenario): void => {
  scenario('a token is refreshed before it expires, and the session goes on', async (world) => {
    await world.start()
    const reasons: TokenReason[] = []
    const device = await world.device({
      token: ({ reason }) => {
        reasons.push(reason)
        const now = Date.now()
        // It lives longer than the client is told: one that is late on a busy machine goes on as well.
        return { token: tokenOf('ada', now + 60_000), expiresAt: now + 2_200 }
      },
    })
    const seen = collect(device.list().messages$)
    await device.live()
    await eventually(() => reasons.length >= 3, { what: 'The second refresh' })
    await device.list().mutate('todo:create', { id: 'a', text: 'a' }).result
    await seen.until(({ length }) => length === 1)
    expect(reasons.slice(0, 3)).toEqual(['connect', 'expiring', 'expiring'])
    expect(device.statuses.values.map(({ at }) => at)).toEqual(['idle', 'connecting', 'connected'])
  })

  scenario(
    'a session whose token expires is ended by the hub and opened again with a fresh one',
    async (world) => {
      await world.start()
      const reasons: TokenReason[] = []
      const device = await world.device({
        // The client does not know when it ends.
        token: ({ reason }) => {
          reasons.push(reason)
          return tokenOf('ada', Date.now() + (reasons.length === 1 ? 300 : 60_000))
        },
      })
      const seen = collect(device.list().messages$)
      await device.live()
      await device.errors.until((errors) => errors.some(({ code }) => code === 'token-expired'))
      await device.live()
      await device.list().mutate('todo:create', { id: 'a', text: 'a' }).result
      await seen.until(({ length }) => length === 1)
      expect(reasons).toEqual(['connect', 'refused'])
    },
  )

  scenario('an expired token at the start is replaced once, without a retry in between', async (world) => {
    await world.start()
    const reasons: TokenReason[] = []
    const device = await world.device({
      token: ({ reason }) => {
        reasons.push(reason)
        return tokenOf('ada', reason === 'refused' ? undefined : Date.now() - 1)
      },
    })
    await device.connected()
    expect(reasons).toEqual(['connect', 'refused'])
    expect(device.errors.values.map(({ code }) => code)).toEqual(['token-expired'])
  })

  scenario(
    'a refused token pauses the client in needs-auth; retryNow goes on, and what waited is sent',
    async (world) => {
      await world.start()
      let valid = false
      let asked = 0
      const device = await world.device({
        token: () => {
          asked++
          return valid ? tokenOf('ada') : 'ada||forged'
        },
      })
      const write = device.list().mutate('todo:create', { id: 'a', text: 'a' })
      device.client.connect()
      expect(await needsAuth(device)).toMatchObject({ error: { code: 'unauthenticated' } })
      expect(asked).toBe(2)
      expect(write.status$.get().at).toBe('queued')
      valid = true
      device.client.retryNow()
      await write.result
      expect(asked).toBe(3)
    },
  )

  scenario('a missing token is refused and disturbs nobody', async (world) => {
    await world.start()
    const other = await world.bystander()
    const device = await world.device({ token: undefined as never })
    device.client.connect()
    expect(await needsAuth(device)).toMatchObject({ error: { code: 'unauthenticated' } })
    await other.goesOn()
  })

  scenario(
    'an identity that is not the subject of the token stops before anything is sent',
    async (world) => {
      await world.start()
      const device = await world.device({ identity: 'ada', token: () => tokenOf('mallory') })
      const write = device.list().mutate('todo:create', { id: 'a', text: 'a' })
      await write.saved
      device.client.connect()
      expect(await needsAuth(device)).toMatchObject({ error: { code: 'identity-mismatch' } })
      expect(write.status$.get().at).toBe('queued')
      expect(world.app.runs.size).toBe(0)
      expect(world.app.todos('home')).toEqual([])
    },
  )

  scenario('a hub that knows the session under another name is told nothing', async (world) => {
    await world.start()
    const sent: string[] = []
    const device = await world.device({
      taps: {
        in: (frame, pass) => pass(frame.type === 'welcome' ? { ...frame, subject: 'mallory' } : frame),
        out: (frame, pass) => {
          sent.push(frame.type)
          pass(frame)
        },
      },
    })
    const write = device.list().mutate('todo:create', { id: 'a', text: 'a' })
    await write.saved
    device.client.connect()
    expect(await needsAuth(device)).toMatchObject({ error: { code: 'identity-mismatch' } })
    expect(sent).toEqual(['hello'])
    expect(write.status$.get().at).toBe('queued')
  })

  scenario(
    "one person's writes never leave under another's name, though they share a storage",
    async (world) => {
      await world.start()
      const file = join(await temporaryDirectory(), 'client.db')
      const ada = await world.device({ identity: 'ada', storage: await openClientFile(file) })
      ada.proxy.refuse()
      const write = ada.list().mutate('todo:create', { id: 'of-ada', text: 'a' })
      await write.saved
      await ada.close()

      const bob = await world.device({ identity: 'bob', storage: await openClientFile(file) })
      const list = bob.view()
      await bob.live()
      await bob.list().mutate('todo:create', { id: 'of-bob', text: 'b' }).result
      expect(bob.client.outbox.pending$.get()).toEqual([])
      expect(bob.client.receipt(write.id)).toBeUndefined()
      expect(list.view.get()?.map(({ id }) => id)).toEqual(['of-bob'])

      await bob.close()
      const again = await world.device({ identity: 'ada', storage: await openClientFile(file) })
      await again.connected()
      await eventually(() => world.app.runs.get(write.id) === 1, { what: "The arrival of ada's write" })
    },
  )

  scenario('anonymous writes are adopted on purpose only', async (world) => {
    const { authenticate } = {
      authenticate: ({ token }: { token: string | undefined }) => ({ id: token ?? 'nobody' }),
    }
    await world.start({ authenticate })
    const storage = memoryStorage()
    const nobody = await world.device({ identity: undefined as never, token: undefined as never, storage })
    nobody.proxy.refuse()
    const write = nobody.list().mutate('todo:create', { id: 'a', text: 'a' })
    await write.saved
    await nobody.close()

    const ada = await world.device({ identity: 'ada', token: () => 'ada', storage })
    await ada.connected()
    await until(ada.client.outbox.loaded$, (loaded) => loaded)
    expect(ada.client.outbox.pending$.get()).toEqual([])
    expect(await ada.client.adoptAnonymous()).toBe(1)
    await eventually(() => world.app.todos('home').length === 1, { what: 'The arrival of the adopted write' })
  })

  scenario('revoking a channel ends access at once, to that channel only', async (world) => {
    await world.start()
    const other = await world.bystander()
    const device = await world.device()
    const home = collect(device.list('home').state$)
    const secret = collect(device.list('secret').messages$)
    const listening = collect(device.list('home').messages$)
    await until(device.list('secret').state$, ({ phase }) => phase === 'live')
    await device.live()
    world.app.lock('secret')
    world.running.hub.revoke({ subject: 'ada', channel: channelOf('secret') })
    const state = await until(device.list('secret').state$, ({ phase }) => phase === 'refused')
    expect(state.error?.code).toBe('revoked')
    await other.goesOn()
    await listening.until(({ length }) => length === 1)
    expect(secret.values).toEqual([])
    expect(home.values.map(({ phase }) => phase)).not.toContain('refused')
    const write = device.list('secret').mutate('todo:create', { id: 'a', text: 'a' })
    await until(write.status$, ({ at }) => at === 'parked')
    expect(write.status$.get()).toMatchObject({ error: { code: 'forbidden' } })
  })

  scenario("revoking a person ends every session of theirs and nobody else's", async (world) => {
    await world.start()
    const other = await world.bystander()
    // A provider ends what the person has there, whichever run it is of.
    const identity = `ada-${runName}`
    const devices = [await world.device({ identity }), await world.device({ identity })]
    for (const device of devices) await device.connected()
    world.running.hub.revoke({ subject: identity })
    for (const device of devices)
      expect(await needsAuth(device)).toMatchObject({ error: { code: 'revoked' } })
    await other.goesOn()
  })
}
