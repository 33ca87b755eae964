import { createClient, createView } from '@syncline/core'
import type { HubFrame } from '@syncline/core/protocol'
import { createHub, memoryStore } from '@syncline/server'
import { afterEach, describe, expect, test } from 'vitest'
import { collect } from './collect.ts'
import { createTodoApp } from './conformance/todo-app.ts'
import { type Todo, todoList, todoView } from './conformance/todo-contract.ts'
import { createSimulatedNetwork } from './simulated-network.ts'
import { type Tap, tapTransport } from './tap-transport.ts'
import { createVirtualTime } from './virtual-time.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** Now and then a frame with messages is lost or comes twice. */
const unreliable =
  (pick: (below: number) => number): Tap<HubFrame> =>
  (frame, pass) => {
    const chance = frame.type === 'messages' ? pick(10) : 9
    if (chance > 0) pass(frame)
    if (chance === 1) pass(frame)
  }

const createSystem = async (seed: number, people: number) => {
  const time = createVirtualTime({ seed })
  const { environment } = time
  const pick = (below: number) => Math.floor(environment.random() * below)
  const network = createSimulatedNetwork({ environment, latency: () => pick(80) })
  const store = memoryStore()
  const app = createTodoApp()
  const startHub = async () => {
    const hub = createHub({
      environment,
      // The log outlives the hubs, as a file does.
      store: { ...store, close: async () => {} },
      gateways: [network.gateway()],
      authenticate: ({ token }) => ({ id: token ?? '' }),
      logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    })
    app.serve(hub as never)
    await time.settle()
    return hub
  }
  let hub = await startHub()
  closing.push(() => hub.close({ within: 0 }))
  const persons = Array.from({ length: people }, (_, index) => {
    const link = network.client()
    const client = createClient({
      environment,
      transport: tapTransport(link.transport, { in: unreliable(pick) }),
      identity: `person-${index}`,
      token: () => `person-${index}`,
    })
    closing.push(() => client.close())
    const channel = client.channel(todoList, { list: 'home' })
    const view = createView(channel, todoView)
    return { link, client, channel, view, messages: collect(channel.messages$), shown: collect(view) }
  })
  const restart = async () => {
    const closed = hub.close({ within: 1_000, retryAfter: 500 })
    await time.advance(1_500)
    await closed
    hub = await startHub()
  }
  return { time, app, pick, persons, restart, hub: () => hub }
}

const duplicates = (todos: readonly Todo[] | undefined) =>
  (todos ?? []).length - new Set((todos ?? []).map(({ id }) => id)).size

describe('a whole system in virtual time', () => {
  test('says the same things for the same seed', async () => {
    const history = async () => {
      const { time, persons } = await createSystem(3, 2)
      await time.advance(1_000)
      for (const { channel } of persons) channel.mutate('todo:create', { id: channel.name, text: 'a' })
      persons[0]!.link.cut()
      await time.advance(60_000)
      return persons.map(({ messages }) => messages.values)
    }
    const first = await history()
    expect(first[0]).toHaveLength(2)
    expect(await history()).toEqual(first)
  })

  test('a silent link is given up and replaced', async () => {
    const { time, persons } = await createSystem(5, 2)
    const [ada, bob] = persons
    await time.advance(5_000)
    ada!.link.silence()
    bob!.channel.mutate('todo:create', { id: 'a', text: 'a' })
    await time.advance(10_000)
    expect(ada!.messages.values).toHaveLength(0)
    await time.advance(60_000)
    expect(ada!.messages.values).toHaveLength(1)
  })

  test.each(Array.from({ length: 25 }, (_, index) => index + 1))(
    'converges after any history of writes, losses, cuts, silences and restarts (seed %i)',
    async (seed) => {
      const { time, app, pick, persons, restart } = await createSystem(seed, 3)
      let written = 0
      for (let step = 0; step < 60; step++) {
        const person = persons[pick(persons.length)]!
        const chance = pick(20)
        if (chance < 12)
          person.channel.mutate('todo:create', { id: `${written++}`, text: 'a' }, { key: `${pick(4)}` })
        else if (chance < 15) person.link.cut()
        else if (chance === 15) person.link.silence()
        else if (chance === 16) person.link.refuse()
        else if (chance === 17) person.link.accept()
        else if (chance === 18 && step % 3 === 0) await restart()
        await time.advance(pick(400))
      }
      for (const { link } of persons) link.accept()
      await time.advance(180_000)
      expect(app.todos('home')).toHaveLength(written)
      expect([...app.runs.values()].filter((runs) => runs > 1)).toEqual([])
      for (const { client, channel, messages, view, shown } of persons) {
        expect(channel.state$.get().phase).toBe('live')
        expect(client.outbox.pending$.get()).toEqual([])
        expect(client.outbox.parked$.get()).toEqual([])
        const positions = messages.values.map(({ position }) => position.seq)
        expect(positions).toEqual(positions.map((_, index) => positions[0]! + index))
        expect(view.get()).toEqual(app.todos('home'))
        expect(shown.values.map(duplicates).filter((count) => count > 0)).toEqual([])
      }
    },
  )
})
