import type { HubFrame, WireMessage } from '@syncline/core/protocol'
import fc from 'fast-check'

const text = fc.string({ maxLength: 8, unit: 'binary' })
const count = fc.nat(9)
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })

const anchor = fc.record({
  epoch: fc.constantFrom('e', 'f', ''),
  seq: count,
  id: fc.constantFrom('', 'm1', 'm2'),
})
const error = fc
  .record({
    code: fc.constantFrom('rejected', 'forbidden', 'try-later', 'internal', 'no code of ours', ''),
    detail: maybe(text),
    retryAfter: maybe(fc.nat(5_000)),
    issues: maybe(fc.array(fc.record({ path: maybe(text), message: text }), { maxLength: 2 })),
  })
  .map((fields) => JSON.parse(JSON.stringify(fields)))

const message = (event: fc.Arbitrary<string>) =>
  fc.tuple(
    fc.constantFrom('m1', 'm2', 'm3'),
    fc.integer(),
    event,
    fc.jsonValue({ maxDepth: 1 }),
    maybe(fc.constantFrom('w1', 'w2', null)),
    maybe(fc.constantFrom<0 | 1>(0, 1)),
  )

/** Contiguous, as they are within a frame. */
const messages = (event: fc.Arbitrary<string>): fc.Arbitrary<readonly WireMessage[]> =>
  fc
    .tuple(fc.integer({ min: 1, max: 9 }), fc.array(message(event), { maxLength: 4 }))
    .map(([from, list]) =>
      list.map(
        ([id, at, name, data, writeId = null, more = 0], index): WireMessage => [
          from + index,
          id,
          at,
          name,
          data,
          writeId,
          more,
        ],
      ),
    )

const answer = fc.oneof(
  fc.tuple(
    count,
    text,
    fc.constant('accepted'),
    fc.jsonValue(),
    fc.array(fc.record({ channel: text, position: anchor })),
  ),
  fc.tuple(count, text, fc.constant('rejected'), error),
)
const member = fc.record({
  id: fc.constantFrom('a', 'b'),
  person: text,
  since: fc.nat(),
  state: fc.jsonValue({ maxDepth: 1 }),
  status: fc.constantFrom('active', 'idle', 'away'),
})
const revision = fc.tuple(fc.constantFrom('e', 'f'), count)
const change = fc.oneof(
  fc.tuple(fc.constant('enter'), member),
  fc.tuple(
    fc.constant('update'),
    fc.constantFrom('a', 'b', 'c'),
    fc.record({ state: fc.jsonValue({ maxDepth: 1 }) }),
  ),
  fc.tuple(fc.constant('leave'), fc.constantFrom('a', 'b', 'c')),
)

/**
 * Every kind of frame that a hub sends, each as it may be.
 *
 * @param about the channels that they are about, and the events of these
 */
export const hubFrames = (
  about: { readonly channel: fc.Arbitrary<string>; readonly event: fc.Arbitrary<string> } = {
    channel: text,
    event: text,
  },
): fc.Arbitrary<HubFrame> => {
  const { channel } = about
  const list = messages(about.event)
  const stream = { channel, client: text, generation: count }
  const frame = (
    type: HubFrame['type'],
    fields: Record<string, fc.Arbitrary<unknown>>,
    ...optional: string[]
  ) => {
    const keys = ['type', ...Object.keys(fields)].filter((key) => !optional.includes(key))
    return fc.record({ type: fc.constant(type), ...fields }, { requiredKeys: keys as never })
  }
  return fc.oneof(
    frame('welcome', {
      version: fc.constant(1),
      session: text,
      subject: text,
      heartbeat: fc.integer({ min: 1, max: 60_000 }),
      limits: fc.record({ frameBytes: fc.nat(), writesInFlight: count, channels: count }),
    }),
    frame(
      'joined',
      {
        channel,
        start: anchor,
        head: anchor,
        messages: list,
        more: fc.boolean(),
        gone: fc.boolean(),
        snapshot: fc.record({ state: fc.jsonValue(), writes: fc.array(text, { maxLength: 2 }) }),
      },
      'gone',
      'snapshot',
    ),
    frame('refused', { channel, error }),
    frame(
      'messages',
      {
        channel,
        epoch: fc.constantFrom('e', 'f'),
        messages: list,
        after: fc.constantFrom('', 'm1', 'm2'),
        head: anchor,
      },
      'after',
      'head',
    ),
    frame(
      'page',
      { channel, after: anchor, messages: list, head: anchor, more: fc.boolean(), gone: fc.boolean() },
      'gone',
    ),
    frame('snapshot', { channel, position: anchor, state: fc.jsonValue() }),
    frame('snapshot', { channel, position: anchor, error }),
    frame('heads', { heads: fc.array(fc.tuple(channel, anchor, revision), { maxLength: 2 }) }),
    frame('answers', { ...stream, answers: fc.array(answer, { maxLength: 3 }) }),
    frame('back', { ...stream, expect: count, error }),
    frame('unknown-stream', { ...stream, from: count }, 'from'),
    frame('bye', { error }),
    frame('pong', {}),
    frame('error', { error, channel }, 'channel'),
    frame('members', {
      channel,
      revision,
      grace: fc.nat(10_000),
      members: fc.array(member, { maxLength: 3 }),
    }),
    frame('presence', { channel, after: count, revision, changes: fc.array(change, { maxLength: 3 }) }),
    frame('entered', { channel, id: fc.constantFrom('a', 'b') }),
    frame('exited', { channel, error }),
  ) as unknown as fc.Arbitrary<HubFrame>
}
