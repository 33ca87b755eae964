import type { Message } from '@syncline/core'
import type { HubFrame, MessagesFrame } from '@syncline/core/protocol'
import { memoryStore } from '@syncline/server'
import { expect } from 'vitest'
import { collect } from '../collect.ts'
import type { Tap, Taps } from '../tap-transport.ts'
import { eventually, until } from '../until.ts'
import type { Scenario } from './scenario.ts'
import { todoList } from './todo-contract.ts'
import type { HubSettings, World } from './world.ts'

const publish = async ({ running }: World, from: number, through: number): Promise<void> => {
  const numbers = Array.from({ length: through - from + 1 }, (_, index) => from + index)
  await Promise.all(
    numbers.map((n) =>
      running.hub.publish(todoList, { list: 'home' }, 'todo:created', { id: `${n}`, text: `${n}` }),
    ),
  )
}
const ids = (through: number, from = 1): string[] =>
  Array.from({ length: through - from + 1 }, (_, index) => `${from + index}`)
const idsOf = (messages: readonly Message[]): string[] =>
  messages.map(({ data }) => (data as { id: string }).id)

/** A frame with messages, as a tap sees it. */
const withMessages =
  (tap: Tap<MessagesFrame>): Tap<HubFrame> =>
  (frame, pass) =>
    frame.type === 'messages' ? tap(frame, pass as (frame: MessagesFrame) => void) : pass(frame)

const slowSettings: HubSettings = {
  heartbeat: 4_000,
  limits: { bufferedBytes: 64_000, cutBytes: 256_000, pageBytes: 1_000_000, stalledFor: 400 },
}
/** A hundred messages, ten megabytes: more than a network takes whose other end reads nothing. */
const publishMuch = async ({ running }: World): Promise<void> => {
  const text = 'x'.repeat(100_000)
  for (const id of ids(100))
    await running.hub.publish(todoList, { list: 'home' }, 'todo:created', { id, text })
}

/** A reader whose link takes nothing any more, while much is published and another one goes on. */
const stall = async (world: World, taps: Taps = {}) => {
  await world.start(slowSettings)
  const slow = await world.device({ identity: 'slow', taps })
  const seen = collect(slow.list().messages$)
  await slow.live()
  const other = await world.bystander()
  slow.proxy.pause('down')
  await publishMuch(world)
  await other.goesOn()
  return { slow, seen, other }
}

/** Promise 1: exactly once and in the hub's order. */
export const orderSuite = (scenario: Scenario): void => {
  scenario('messages arrive exactly once, in the one order of the hub, on every client', async (world) => {
    await world.start()
    const devices = await Promise.all(['ada', 'bob', 'cleo'].map((identity) => world.device({ identity })))
    const seen = devices.map((device) => collect(device.list().messages$))
    await Promise.all(devices.map((device) => device.live()))
    for (let round = 0; round < 20; round++) {
      for (const [index, device] of devices.entries())
        device.list().mutate('todo:create', { id: `${index}-${round}`, text: 'a' })
      await world.running.hub.publish(todoList, { list: 'home' }, 'todo:created', {
        id: `hub-${round}`,
        text: 'a',
      })
    }
    for (const collected of seen) await collected.until(({ length }) => length === 80)
    const [first, ...others] = seen
    expect(first?.values.map(({ position }) => position.seq)).toEqual(ids(80).map(Number))
    for (const other of others) expect(other.values).toEqual(first?.values)
  })

  scenario('a message that comes twice is handed on once', async (world) => {
    await world.start()
    const device = await world.device({
      taps: {
        in: withMessages((frame, pass) => {
          pass(frame)
          pass(frame)
        }),
      },
    })
    const seen = collect(device.list().messages$)
    await device.live()
    for (let n = 1; n <= 10; n++) await publish(world, n, n)
    await seen.until((messages) => idsOf(messages).includes('10'))
    expect(idsOf(seen.values)).toEqual(ids(10))
  })

  scenario('messages that come out of order are put back in order', async (world) => {
    await world.start()
    let held: (() => void) | undefined
    const device = await world.device({
      taps: {
        in: withMessages((frame, pass) => {
          if (held) {
            pass(frame)
            held()
            held = undefined
          } else held = () => pass(frame)
        }),
      },
    })
    const seen = collect(device.list().messages$)
    await device.live()
    const other = await world.bystander()
    const others = collect(other.list().messages$)
    for (let n = 1; n <= 10; n++) {
      await publish(world, n, n)
      // One frame for each message.
      await others.until(({ length }) => length === n)
    }
    await seen.until(({ length }) => length >= 10)
    expect(idsOf(seen.values)).toEqual(ids(10))
  })

  scenario('a lost message is noticed by the next one and fetched', async (world) => {
    await world.start()
    let lost = 0
    const device = await world.device({
      taps: {
        in: withMessages((frame, pass) => {
          if (frame.messages.some(([seq]) => seq === 2) && lost++ === 0) return
          pass(frame)
        }),
      },
    })
    const seen = collect(device.list().messages$)
    const phases = collect(device.list().state$)
    await device.live()
    await publish(world, 1, 1)
    await seen.until(({ length }) => length === 1)
    await publish(world, 2, 2)
    await eventually(() => lost === 1, { what: 'The loss' })
    await publish(world, 3, 3)
    await seen.until(({ length }) => length === 3)
    expect(idsOf(seen.values)).toEqual(ids(3))
    expect(phases.values.map(({ phase }) => phase)).toContain('gap')
    await device.live()
  })

  scenario('the lost last message is noticed though nothing follows it', async (world) => {
    await world.start({ heartbeat: 200 })
    let lost = 0
    const device = await world.device({
      taps: {
        in: withMessages((frame, pass) => {
          if (frame.messages.some(([seq]) => seq === 3) && lost++ === 0) return
          pass(frame)
        }),
      },
    })
    const seen = collect(device.list().messages$)
    await device.live()
    await publish(world, 1, 2)
    await seen.until(({ length }) => length === 2)
    await publish(world, 3, 3)
    await seen.until(({ length }) => length === 3, { what: 'The lost last message' })
    expect(lost).toBe(1)
    expect(idsOf(seen.values)).toEqual(ids(3))
  })

  scenario('many messages missed are read page by page', async (world) => {
    await world.start({ limits: { pageMessages: 10, recentMessages: 5 } })
    const device = await world.device()
    const seen = collect(device.list().messages$)
    await device.live()
    await publish(world, 1, 1)
    await seen.until(({ length }) => length === 1)
    device.proxy.refuse()
    device.proxy.cut()
    await until(device.client.status$, ({ at }) => at === 'reconnecting')
    await publish(world, 2, 95)
    device.proxy.accept()
    await seen.until(({ length }) => length >= 95)
    expect(idsOf(seen.values)).toEqual(ids(95))
  })

  scenario('a gap whose history is gone goes on from a snapshot, and says what was missed', async (world) => {
    const store = memoryStore()
    await world.start({ store: store as never, limits: { recentMessages: 1 } })
    const device = await world.device()
    const list = device.view()
    const missed = collect(device.list().missed$)
    const phases = collect(device.list().state$)
    await device.live()
    const other = await world.bystander()
    await other.goesOn()
    await list.until((states) => states.at(-1)?.length === 1)
    device.proxy.refuse()
    device.proxy.cut()
    await until(device.client.status$, ({ at }) => at === 'reconnecting')
    for (let write = 0; write < 10; write++) await other.goesOn()
    await store.trim(() => ({ count: 2, age: Number.POSITIVE_INFINITY }), Number.POSITIVE_INFINITY)
    device.proxy.accept()
    await list.until((states) => states.at(-1)?.length === 11)
    expect(list.values.at(-1)).toEqual(world.app.todos('home'))
    expect(missed.values).toMatchObject([{ after: { seq: 1 }, through: { seq: 11 } }])
    await device.live()
    expect(list.view.status$.get()).toMatchObject({ at: 'ready', stale: false })
    expect(phases.values.map(({ phase }) => phase)).not.toContain('refused')
    await other.goesOn()
    await list.until((states) => states.at(-1)?.length === 12)
  })

  scenario.hubHoldsLinks('a slow consumer is cut, catches up, and holds nobody up', async (world) => {
    const { slow, seen, other } = await stall(world, {
      // It would wait for minutes itself: who ends its link is the hub.
      in: (frame, pass) => pass(frame.type === 'welcome' ? { ...frame, heartbeat: 600_000 } : frame),
    })
    await eventually(() => world.running.hub.health().connections === 1, { what: 'The cut' })
    slow.proxy.resume()
    await slow.errors.until((errors) => errors.some(({ code }) => code === 'slow-consumer'))
    await seen.until(({ length }) => length >= 101)
    expect(idsOf(seen.values)).toEqual([...ids(100), 'bystander-1-1'])
    await other.goesOn()
  })

  scenario(
    'a reader whose link takes nothing any more gets what it missed by another, and holds nobody up',
    async (world) => {
      const { slow, seen, other } = await stall(world)
      // A new link, or a new connection of its uplink.
      await seen.until(({ length }) => length >= 101)
      // What the old one still brings changes nothing.
      slow.proxy.resume()
      await other.goesOn()
      await seen.until(({ length }) => length >= 102)
      expect(idsOf(seen.values)).toEqual([...ids(100), 'bystander-1-1', 'bystander-1-2'])
    },
  )
}
