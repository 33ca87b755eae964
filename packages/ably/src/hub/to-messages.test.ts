import type { HubFrame, MessagesFrame, WireMessage } from '@syncline/core/protocol'
import type { InboundMessage } from 'ably'
import { describe, expect, it } from 'vitest'
import { addMessage } from '../wire.ts'
import { toBatches } from './to-messages.ts'

const frameOf = (...messages: WireMessage[]): MessagesFrame => ({
  type: 'messages',
  channel: 'todos',
  epoch: 'e1',
  messages,
  ...(messages[0] && { after: `m${messages[0][0] - 1}` }),
})
const messagesOf = (count: number, text = 'a'): WireMessage[] =>
  Array.from({ length: count }, (_, index) => [index + 1, `m${index + 1}`, 5, 'said', { text }])

/** As Ably's SDK brings them. */
const received = (frame: HubFrame): InboundMessage[] =>
  toBatches(frame, 'syncline')
    .flat()
    .map(({ data, encoding, ...message }) => ({
      ...message,
      data: encoding === 'json' ? JSON.parse(data) : data,
    })) as unknown as InboundMessage[]
const framesOf = (messages: readonly InboundMessage[]) => {
  const frames: unknown[] = []
  for (const message of messages) addMessage(frames, 'todos', message)
  // As they are after JSON: what is left out of a message is not there.
  return JSON.parse(JSON.stringify(frames).replaceAll(',null,null]', ']'))
}

describe('a hub message at Ably', () => {
  it('has the event as its name, a clean payload, and the rest in flat headers', () => {
    const [[message] = []] = toBatches(
      frameOf([7, 'm7', 1234, 'todo:created', { id: '1' }, 'w1', 1]),
      'syncline',
    )
    expect(message).toEqual({
      id: 'm7.7:0',
      name: 'todo:created',
      clientId: 'syncline',
      data: '{"id":"1"}',
      encoding: 'json',
      extras: {
        headers: { epoch: 'e1', seq: 7, id: 'm7', timestamp: 1234, after: 'm6', writeId: 'w1', more: 1 },
      },
    })
    expect(toBatches(frameOf([1, 'm1', 0, 'said', 'plain text']), 'syncline')[0]?.[0]).toMatchObject({
      data: 'plain text',
    })
  })

  it.each([{ a: [1] }, [1, 2], 'text', '"quoted"', '', 0, 42, true, false, null].map((data) => [data]))(
    'brings %j through',
    (data) => {
      const message: WireMessage = [1, 'm1', 0, 'said', data]
      expect(framesOf(received(frameOf(message)))).toEqual([frameOf(message)])
    },
  )
})

describe('frames', () => {
  it('are put together again from what follows on one another', () => {
    const all = received(frameOf(...messagesOf(40)))
    const frames = framesOf([...all.slice(0, 10), ...all.slice(12, 15)]) as MessagesFrame[]
    expect(frames.map(({ messages }) => [messages[0]?.[0], messages.length])).toEqual([
      [1, 10],
      [13, 3],
    ])
    expect(frames.map(({ after }) => after)).toEqual(['m0', 'm12'])
    expect(framesOf([all[1]!, all[0]!])).toHaveLength(2)
  })

  it('hold nothing of another log that goes on with the next number', () => {
    const [one] = received(frameOf([1, 'm1', 0, 'said', 1]))
    const [, two] = received(frameOf([1, 'other', 0, 'said', 1], [2, 'm2', 0, 'said', 2]))
    expect(framesOf([one!, two!])).toMatchObject([{ after: 'm0' }, { after: 'other' }])
  })

  it('of another epoch are others', () => {
    const [one] = received(frameOf([1, 'm1', 0, 'said', 1]))
    const [two] = received({ ...frameOf([2, 'm2', 0, 'said', 2]), epoch: 'e2' })
    expect(framesOf([one!, two!])).toHaveLength(2)
  })

  it('that are no messages travel as they are: heads, presence', () => {
    const head = { epoch: 'e1', seq: 9, id: 'm9' }
    expect(framesOf(received({ ...frameOf(), head }))).toEqual([{ ...frameOf(), head }])
    const presence: HubFrame = {
      type: 'presence',
      channel: 'todos',
      after: 1,
      revision: ['era', 2],
      changes: [['leave', 'one']],
    }
    expect(framesOf(received(presence))).toEqual([presence])
    expect(toBatches(presence, 'syncline')[0]?.[0]?.extras).toEqual({ headers: { frame: 1 } })
  })

  it('cannot be forged by an event that is called like one of ours', () => {
    const message: WireMessage = [1, 'm1', 0, 'syncline:frame', { type: 'bye' }]
    expect(framesOf(received(frameOf(message)))).toEqual([frameOf(message)])
  })

  it('are not made of messages without our headers', () => {
    expect(framesOf([{ name: 'said', data: 1 } as InboundMessage])).toEqual([])
    expect(framesOf([{ name: 'said', data: 1, extras: { push: {} } } as InboundMessage])).toEqual([])
  })
})

describe('batches', () => {
  it('stay within what Ably takes at once, in number and bytes', () => {
    expect(toBatches(frameOf(...messagesOf(60)), 'syncline').map(({ length }) => length)).toEqual([
      25, 25, 10,
    ])
    const large = toBatches(frameOf(...messagesOf(5, 'x'.repeat(20_000))), 'syncline')
    expect(large.map(({ length }) => length)).toEqual([3, 2])
  })

  it('have ids that are the same whenever they are published again, and others when more is published', () => {
    const ids = (count: number) =>
      toBatches(frameOf(...messagesOf(count)), 'syncline').map((batch) => batch[0]?.id)
    expect(ids(30)).toEqual(['m1.25:0', 'm26.30:0'])
    expect(ids(30)).toEqual(ids(30))
    expect(ids(31)[1]).not.toBe(ids(30)[1])
    const [batch] = toBatches(frameOf(...messagesOf(3)), 'syncline')
    expect(batch?.map(({ id }) => id)).toEqual(['m1.3:0', 'm1.3:1', 'm1.3:2'])
  })

  it('are refused before anything is published where one of several is too large', () => {
    const large = messagesOf(2, 'x'.repeat(70_000))
    expect(() => toBatches(frameOf(...large), 'syncline')).toThrow(
      expect.objectContaining({ code: 'too-large' }),
    )
    expect(toBatches(frameOf(large[0]!), 'syncline')).toHaveLength(1)
  })
})
