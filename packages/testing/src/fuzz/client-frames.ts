import type { ClientFrame } from '@syncline/core/protocol'
import fc from 'fast-check'

const text = fc.string({ minLength: 1, maxLength: 8, unit: 'binary' })
const anchor = fc.record({
  epoch: text,
  seq: fc.nat(9),
  id: fc.constantFrom('', 'm1', 'm2'),
})
const shared = {
  state: fc.jsonValue({ maxDepth: 1 }),
  status: fc.constantFrom('active', 'idle', 'away'),
  typing: fc.boolean(),
  cursor: fc.jsonValue({ maxDepth: 1 }),
}

/**
 * Every kind of frame that a client sends once it was welcomed, each as it may be; `auth` is left out.
 *
 * @param about the channels that they are about, and the names of what they write
 */
export const clientFrames = (
  about: { readonly channel: fc.Arbitrary<string>; readonly name: fc.Arbitrary<string> } = {
    channel: text,
    name: text,
  },
): fc.Arbitrary<ClientFrame> => {
  const { channel, name } = about
  const frame = (
    type: ClientFrame['type'],
    fields: Record<string, fc.Arbitrary<unknown>>,
    ...optional: string[]
  ) => {
    const keys = ['type', ...Object.keys(fields)].filter((key) => !optional.includes(key))
    return fc.record({ type: fc.constant(type), ...fields }, { requiredKeys: keys as never })
  }
  const write = fc.tuple(
    fc.integer({ min: 1, max: 5 }),
    fc.constantFrom('w1', 'w2', 'w3'),
    fc.constantFrom('mutate', 'publish', 'void'),
    name,
    fc.jsonValue({ maxDepth: 1 }),
    fc.nat(2),
  )
  return fc.oneof(
    frame('join', { channel, at: anchor, snapshot: fc.boolean() }, 'at', 'snapshot'),
    frame('leave', { channel }),
    frame('fetch', { channel, after: anchor, limit: fc.integer({ min: 1, max: 2_000 }) }, 'limit'),
    frame('snapshot', { channel }),
    frame('heads', { channels: fc.array(channel, { maxLength: 3 }) }),
    frame('writes', {
      channel,
      client: fc.constantFrom('c1', 'c2'),
      generation: fc.integer({ min: 1, max: 2 }),
      answered: fc.nat(3),
      writes: fc.array(write, { maxLength: 4 }),
    }),
    frame('ping', {}),
    frame('watch', { channel }),
    frame('unwatch', { channel }),
    frame('enter', { channel, ...shared }, ...Object.keys(shared)),
    frame('update', { channel, ...shared }, ...Object.keys(shared)),
    frame('exit', { channel }),
  ) as unknown as fc.Arbitrary<ClientFrame>
}
