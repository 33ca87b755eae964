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

const start = async () => {
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
  const shown: unknown[] = []
  list.subscribe((value) => shown.push(value))
  await time.settle()
  scripted.last.welcome()
  await time.settle()
  scripted.last.frames(joined(1, 1, ['one']))
  const write = channel.mutate('add', 'mine')
  await time.settle()
  const frame = scripted.last.sent.flat().find((sent): sent is WritesFrame => sent.type === 'writes')
  const { client: from, generation, writes } = frame as WritesFrame
  const [n, id] = writes[0] as WireWrite
  const accept = async (seq: number) => {
    scripted.last.frames({
      type: 'answers',
      channel: 'notes',
      client: from,
      generation,
      answers: [[n, id, 'accepted', null, [{ channel: 'notes', position: { epoch: 'e', seq } }]]],
    })
    await time.settle()
  }
  const reconnect = async () => {
    scripted.last.fail()
    await time.advance(5_000)
    scripted.last.welcome()
    await time.settle()
  }
  const join = async (...frames: readonly object[]) => {
    scripted.last.frames(...frames)
    await time.settle()
  }
  return { list, shown, write, accept, reconnect, join }
}

it.each([1, 2])(
  'an overlay ends when the head of the restored log, %i, is before its effect',
  async (head) => {
    const { list, write, accept, reconnect, join } = await start()
    await accept(3)
    await reconnect()
    expect(list.get()).toEqual(['one', '~mine'])
    await join(joined(1, head))
    expect(list.get()).toEqual(['one'])
    expect(write.status$.get().at).toBe('applied')
  },
)

it('an overlay stays while its effect is still to be fetched', async () => {
  const { list, write, accept, reconnect, join } = await start()
  await accept(3)
  await reconnect()
  await join(joined(1, 3))
  expect(list.get()).toEqual(['one', '~mine'])
  expect(write.status$.get().at).toBe('accepted')
})

it('an overlay stays until the restored log is there, where what it knew before has its position', async () => {
  const { list, shown, write, accept, reconnect, join } = await start()
  await reconnect()
  await accept(1)
  expect(write.status$.get().at).toBe('accepted')
  await join({
    ...joined(1, 1, ['~mine']),
    start: { epoch: 'e', seq: 1, id: 'other' },
    head: { epoch: 'e', seq: 1, id: 'other' },
    gone: true,
  })
  expect(list.get()).toEqual(['~mine'])
  expect(write.status$.get().at).toBe('applied')
  expect(shown).toEqual([undefined, ['one'], ['one', '~mine'], ['~mine']])
})

it('an overlay comes back with a restored log that lacks its message, which was there before', async () => {
  const { list, write, reconnect, join } = await start()
  await join({
    type: 'messages',
    channel: 'notes',
    epoch: 'e',
    messages: [[2, 'm2', 0, 'added', 'mine', write.id]],
  })
  expect(list.get()).toEqual(['one', 'mine'])
  await reconnect()
  await join({ ...joined(1, 1, ['one']), gone: true })
  expect(write.status$.get().at).toBe('sent')
  expect(list.get()).toEqual(['one', '~mine'])
})
