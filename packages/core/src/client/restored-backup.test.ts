import { createVirtualTime } from '@syncline/testing'
import { expect, it } from 'vitest'
import { createScriptedTransport } from '../../test/scripted-transport.ts'
import { defineChannel } from '../contract/define-channel.ts'
import { type } from '../contract/schema.ts'
import type { WireWrite, WritesFrame } from '../protocol/frames.ts'
import { createView } from '../view/create-view.ts'
import { createClient } from './create-client.ts'

const notes = defineChannel('notes', {
  snapshot: type<readonly string[]>(),
  events: { added: type<string>() },
  mutations: { add: { input: type<string>(), output: type<null>() } },
})

const anchor = (seq: number) => ({ epoch: 'e', seq, id: seq ? `m${seq}` : '' })
const joined = (start: number, head: number, state?: readonly string[]) => ({
  type: 'joined',
  channel: 'notes',
  start: anchor(start),
  head: anchor(head),
  messages: [],
  more: start < head,
  ...(state && { snapshot: { state, writes: [] } }),
})

/** A view that has one message, and a write that was accepted at the third position. */
const setUp = async () => {
  const time = createVirtualTime()
  const scripted = createScriptedTransport()
  const client = createClient({
    transport: scripted.transport,
    environment: time.environment,
    identity: 'ada',
  })
  const channel = client.channel(notes)
  const list = createView(channel, {
    initial: (all) => all,
    on: { added: (all, text) => [...all, text] },
    optimistic: { add: (all, text) => [...all, `~${text}`] },
  })
  list.subscribe()
  await time.settle()
  scripted.last.welcome()
  await time.settle()
  scripted.last.frames(joined(1, 1, ['one']))
  const write = channel.mutate('add', 'mine')
  await time.settle()
  const frame = scripted.last.sent.flat().find((sent): sent is WritesFrame => sent.type === 'writes')
  const { client: from, generation, writes } = frame as WritesFrame
  const [n, id] = writes[0] as WireWrite
  scripted.last.frames({
    type: 'answers',
    channel: 'notes',
    client: from,
    generation,
    answers: [[n, id, 'accepted', null, [{ channel: 'notes', position: { epoch: 'e', seq: 3 } }]]],
  })
  await time.settle()
  expect(write.status$.get().at).toBe('accepted')
  expect(list.get()).toEqual(['one', '~mine'])
  const rejoin = async (...frame: Parameters<typeof joined>) => {
    scripted.last.fail()
    await time.advance(5_000)
    scripted.last.welcome()
    await time.settle()
    scripted.last.frames(joined(...frame))
    await time.settle()
  }
  return { list, write, rejoin }
}

it.each([1, 2])(
  'an overlay ends when the head of the restored log, %i, is before its effect',
  async (head) => {
    const { list, write, rejoin } = await setUp()
    await rejoin(1, head)
    expect(list.get()).toEqual(['one'])
    expect(write.status$.get().at).toBe('applied')
  },
)

it('an overlay stays while its effect is still to be fetched', async () => {
  const { list, write, rejoin } = await setUp()
  await rejoin(1, 3)
  expect(list.get()).toEqual(['one', '~mine'])
  expect(write.status$.get().at).toBe('accepted')
})
