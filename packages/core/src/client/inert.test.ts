import { createVirtualTime } from '@syncline/testing'
import { expect, it } from 'vitest'
import { createScriptedTransport } from '../../test/scripted-transport.ts'
import { defineChannel } from '../contract/define-channel.ts'
import { type } from '../contract/schema.ts'
import type { State } from '../state/state.ts'
import { memoryStorage } from '../storage/memory-storage.ts'
import { createView } from '../view/create-view.ts'
import { createClient } from './create-client.ts'

const notes = defineChannel('notes', {
  snapshot: type<readonly string[]>(),
  events: { added: type<string>() },
  mutations: { add: { input: type<string>(), output: type<string>() } },
})

const setUp = () => {
  const time = createVirtualTime()
  const scripted = createScriptedTransport()
  const storage = memoryStorage()
  let opened = 0
  const client = createClient({
    transport: scripted.transport,
    environment: time.environment,
    storage: {
      open: (identity) => {
        opened++
        return storage.open(identity)
      },
    },
  })
  const used = () => ({ storage: opened, transport: scripted.counts.opened, timers: time.timers })
  return { time, scripted, client, used }
}

it('a client, its channels and its views touch nothing until one of them is used', async () => {
  const { time, client, used } = setUp()
  const channel = client.channel(notes)
  const list = createView(channel, { initial: (all) => all, on: {}, persist: true })
  for (const state of [client.status$, channel.state$, channel.pending$, list, list.status$]) state.get()
  for (const state of [client.outbox.pending$, client.outbox.parked$, client.outbox.loaded$]) state.get()
  client.receipt('unknown')
  await time.settle()
  expect(used()).toEqual({ storage: 0, transport: 0, timers: 0 })
  await client.close()
  expect(used()).toEqual({ storage: 0, transport: 0, timers: 0 })
})

it.each(['state$', 'pending$'] as const)(
  "a channel's %s reads the outbox and connects, and joins nothing",
  async (one) => {
    const { time, scripted, client, used } = setUp()
    const state$: State<unknown> = client.channel(notes)[one]
    const subscription = state$.subscribe(() => {})
    await time.settle()
    scripted.last.welcome()
    await time.settle()
    expect(used()).toMatchObject({ storage: 1, transport: 1 })
    expect(scripted.last.sent).toEqual([])
    expect(client.outbox.loaded$.get()).toBe(true)
    subscription.unsubscribe()
    await client.close()
  },
)

it('a channel says how many of its writes are pending, whoever joined it', async () => {
  const { time, client } = setUp()
  const channel = client.channel(notes)
  channel.mutate('add', 'one')
  await time.settle()
  expect(channel.state$.get()).toMatchObject({ phase: 'idle', pending: 1 })
  await client.close()
})
