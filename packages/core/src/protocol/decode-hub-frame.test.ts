import { describe, expect, it } from 'vitest'
import { decodeHubFrame } from './decode-hub-frame.ts'
import type { HubFrame, WireMessage } from './frames.ts'

const anchor = { epoch: 'e', seq: 3, id: 'm3' }
const message: WireMessage = [4, 'm4', 1_700_000_000_000, 'created', { text: 'x' }, 'w1', 1]
const stream = { channel: 'todos', client: 'c1', generation: 1 }
const error = {
  code: 'rejected',
  detail: 'No.',
  retryAfter: 10,
  issues: [{ path: '/text', message: 'too short' }],
}

/** One of each, as full as it can be. The compiler asks for each type. */
const frames: {
  readonly [T in Exclude<HubFrame['type'], 'members' | 'presence' | 'entered' | 'exited'>]: Extract<
    HubFrame,
    { type: T }
  >
} = {
  welcome: {
    type: 'welcome',
    version: 1,
    session: 's',
    subject: 'ada',
    heartbeat: 25_000,
    limits: { frameBytes: 1, writesInFlight: 1, channels: 1 },
  },
  joined: {
    type: 'joined',
    channel: 'todos',
    start: anchor,
    head: anchor,
    messages: [message],
    more: false,
    snapshot: { state: [] },
  },
  refused: { type: 'refused', channel: 'todos', error },
  messages: { type: 'messages', channel: 'todos', epoch: 'e', messages: [message], head: anchor },
  page: { type: 'page', channel: 'todos', after: anchor, head: anchor, messages: [message], more: true },
  snapshot: { type: 'snapshot', channel: 'todos', position: anchor, state: null },
  heads: { type: 'heads', heads: [['todos', anchor]] },
  answers: {
    type: 'answers',
    ...stream,
    answers: [
      [1, 'w1', 'accepted', null, [{ channel: 'todos', position: { epoch: 'e', seq: 4 } }]],
      [2, 'w2', 'rejected', error],
    ],
  },
  back: { type: 'back', ...stream, expect: 2, error },
  'unknown-stream': { type: 'unknown-stream', ...stream },
  bye: { type: 'bye', error },
  pong: { type: 'pong' },
  error: { type: 'error', error, channel: 'todos' },
}

const optional = new Set(['more', 'gone', 'head', 'snapshot', 'state', 'channel'])

describe('decodeHubFrame', () => {
  it.each(Object.values(frames))('takes a $type frame as it is, with fields it does not know', (frame) => {
    const wide = { ...frame, fromTheFuture: true }
    expect(decodeHubFrame(wide)).toBe(wide)
  })

  const required = Object.values(frames).flatMap((frame) =>
    Object.keys(frame)
      .filter((field) => !optional.has(field) || (field === 'channel' && frame.type !== 'error'))
      .filter((field) => !(field === 'head' && frame.type === 'messages'))
      .map((field) => ({ type: frame.type, field })),
  )
  it.each(required)('refuses a $type frame without $field, or with another kind of it', ({ type, field }) => {
    const { [field]: _, ...without } = frames[type] as unknown as Record<string, unknown>
    expect(() => decodeHubFrame(without)).toThrow(expect.objectContaining({ code: 'malformed-frame' }))
    for (const value of [null, -1.5, {}, true])
      expect(() => decodeHubFrame({ ...without, [field]: value })).toThrow(
        expect.objectContaining({ code: 'malformed-frame' }),
      )
  })

  it.each([undefined, null, 'messages', 7, [], [['messages']], {}, { type: 'toString' }, { type: 'later' }])(
    'refuses %j',
    (value) => {
      expect(() => decodeHubFrame(value)).toThrow(expect.objectContaining({ code: 'malformed-frame' }))
    },
  )

  const withMessages = (...messages: unknown[]) => ({
    type: 'messages',
    channel: 'todos',
    epoch: 'e',
    messages,
  })
  it.each<[string, unknown]>([
    ['no array', { 0: 4, length: 7 }],
    ['too short', [4, 'm4', 0, 'created']],
    ['a seq of 1.5', [1.5, 'm', 0, 'created', null]],
    ['a negative seq', [-1, 'm', 0, 'created', null]],
    ['a seq that is text', ['4', 'm', 0, 'created', null]],
    ['no id', [4, null, 0, 'created', null]],
    ['no timestamp', [4, 'm', '0', 'created', null]],
    ['no event', [4, 'm', 0, null, null]],
    ['a write id that is a number', [4, 'm', 0, 'created', null, 7]],
    ['null', null],
  ])('refuses a message with %s, wherever it stands', (_, bad) => {
    expect(() => decodeHubFrame(withMessages(bad))).toThrow()
    expect(() => decodeHubFrame(withMessages([3, 'm3', 0, 'created', null], bad))).toThrow()
  })

  it('takes messages without data, write id and more, and none at all', () => {
    for (const frame of [
      withMessages(),
      withMessages(
        [1, 'm1', 0, 'a', null],
        [2, 'm2', 0, 'b', undefined, null],
        [3, 'm3', 0, 'c', 1, undefined, 0],
      ),
    ])
      expect(decodeHubFrame(frame)).toBe(frame)
  })

  it('refuses messages with a hole or out of order: within a frame they are contiguous', () => {
    const at = (seq: number) => [seq, `m${seq}`, 0, 'a', null]
    for (const seqs of [
      [1, 3],
      [2, 1],
      [1, 1],
    ])
      expect(() => decodeHubFrame(withMessages(...seqs.map(at)))).toThrow()
  })

  it('lets frames of presence through as they are, if they say of which channel', () => {
    for (const type of ['members', 'presence', 'entered', 'exited']) {
      const frame = { type, channel: 'todos', members: 'checked by who uses them' }
      expect(decodeHubFrame(frame)).toBe(frame)
      expect(() => decodeHubFrame({ type })).toThrow()
      expect(() => decodeHubFrame({ type, channel: 7 })).toThrow()
    }
  })

  it('names the type and never shows the payload', () => {
    const frame = { type: 'messages', channel: 'todos', epoch: 'e', messages: [['secret']] }
    expect(() => decodeHubFrame(frame)).toThrow(/"messages"/)
    expect(() => decodeHubFrame(frame)).not.toThrow(/secret/)
  })
})
