import { createClient, createView } from '@syncline/core'
import { channelPresence } from '@syncline/core/presence'
import type { HubFrame } from '@syncline/core/protocol'
import { createHub, memoryStore } from '@syncline/server'
import { createSimulatedNetwork, createVirtualTime, tapTransport } from '@syncline/testing'
import { anyJson, damaged, hubFrames } from '@syncline/testing/fuzz'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createTodoApp } from '../../src/conformance/todo-app.ts'
import { channelOf, todoList, todoView } from '../../src/conformance/todo-contract.ts'

const home = channelOf('home')
/** Far beyond what a client has to say in the few minutes of one run. */
const mostFrames = 1_000

/** Ada's client on a real hub, and whatever else is put among the frames that it gets. */
const createSystem = async () => {
  const time = createVirtualTime()
  const { environment } = time
  const network = createSimulatedNetwork({ environment })
  const hub = createHub({
    environment,
    store: memoryStore(),
    gateways: [network.gateway()],
    authenticate: () => ({ id: 'ada' }),
    logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
  })
  const app = createTodoApp()
  app.serve(hub as never)
  await time.settle()
  /** What comes before, and after, the next frames of the hub. */
  let among: unknown[] = []
  let sent = 0
  const link = network.client()
  const client = createClient({
    environment,
    identity: 'ada',
    token: () => 'ada',
    transport: tapTransport(link.transport, {
      // One that asks without end would keep virtual time from going on: it gets no answer, and the count tells.
      out: (frame, pass) => {
        if (++sent <= mostFrames) pass(frame)
      },
      in: (frame, pass) => {
        // Who is believed first is another matter: a session begins with the hub's own welcome.
        const first = frame.type === 'welcome'
        const before = first ? [] : among.splice(0, 1)
        for (const given of before) pass(given as HubFrame)
        pass(frame)
        for (const given of among.splice(0, 1)) pass(given as HubFrame)
      },
    }),
  })
  const channel = client.channel(todoList, { list: 'home' })
  const view = createView(channel, todoView)
  const presence = channelPresence(channel)
  const stops = [view.subscribe(() => {}), presence.members$.subscribe(() => {})]
  void presence.enter({ name: 'ada' })
  const settle = () => time.advance(60_000)
  await settle()
  return {
    hub,
    app,
    link,
    client,
    channel,
    view,
    presence,
    time,
    settle,
    get sent() {
      return sent
    },
    put: (values: readonly unknown[]) => {
      among = [...values]
    },
    close: async () => {
      for (const stop of stops) stop.unsubscribe()
      view.close()
      const closed = Promise.all([client.close(), hub.close({ within: 0 })])
      await time.advance(10_000)
      await closed
      return time.timers
    },
  }
}

const about = {
  channel: fc.constantFrom(home, home, home, 'elsewhere'),
  event: fc.constantFrom('todo:created', 'todo:renamed', 'no such event'),
}
const frames = hubFrames(about)
const hostile = fc.oneof(
  { arbitrary: frames, weight: 4 },
  { arbitrary: damaged(frames), weight: 4 },
  { arbitrary: anyJson, weight: 1 },
)

it('a client that is told anything at all lives on, and is right again with the next session', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(hostile, { minLength: 1, maxLength: 12 }), async (given) => {
      const system = await createSystem()
      const { app, hub, client, channel, view, presence, link, settle } = system
      await channel.mutate('todo:create', { id: 'a', text: 'a' }).saved
      await settle()
      system.put(given)
      const during = channel.mutate('todo:create', { id: 'b', text: 'b' })
      await settle()
      system.put([])
      link.cut()
      await settle()
      // Told that it is refused, or speaks another language, a client waits for somebody to look at it.
      if (!['connected', 'failed'].includes(client.status$.get().at)) client.retryNow()
      await settle()
      expect(system.sent).toBeLessThan(mostFrames)
      const { at } = client.status$.get()
      if (at === 'failed')
        expect(JSON.stringify(given)).toMatch(/"version"|protocol-version|invalid-url|provider-refused/)
      else {
        expect(at).toBe('connected')
        const after = channel.mutate('todo:create', { id: 'c', text: 'c' })
        await settle()
        expect(after.status$.get().at).toBe('applied')
        expect(channel.state$.get()).toMatchObject({ phase: 'live' })
        expect(during.status$.get().at).toMatch(/applied|parked/)
        expect(view.get()).toEqual(app.todos('home'))
        expect(view.status$.get()).toMatchObject({ at: 'ready', stale: false })
        const members = hub.members(todoList as never, { list: 'home' } as never)
        expect(presence.members$.get().map(({ id }) => id)).toEqual(members.map(({ id }) => id))
      }
      expect(
        app
          .todos('home')
          .map(({ id }) => id)
          .filter((id, index, ids) => ids.indexOf(id) !== index),
      ).toEqual([])
      for (const [, count] of app.runs) expect(count).toBe(1)
      expect(await system.close()).toBe(0)
    }),
    { numRuns: 100 },
  )
})
