import { Buffer } from 'node:buffer'
import { SynclineError } from '@syncline/core'
import type { HubFrame, WireMessage } from '@syncline/core/protocol'
import { FRAME_NAME, type Headers } from '../wire.ts'

/** A message as Ably's SDK publishes it. */
export interface AblyMessage {
  readonly id: string
  readonly name: string
  readonly clientId: string
  readonly data: string
  /** JSON is made here, not by the SDK, which would refuse numbers, booleans and null. A string goes as it is. */
  readonly encoding?: 'json'
  readonly extras: { readonly headers: Headers }
}

/** Bytes of one publish (TO3l8), which Ably takes on every package, and messages: half of what it takes in a second. */
const BATCH_BYTES = 65_536
const BATCH_COUNT = 25

/**
 * What is published for a frame: a message for each of a `messages` frame, in batches that Ably takes; any other
 * frame, an announced head alone included, is the data of one message. A batch has ids that are the same whenever
 * it is published again, so that Ably leaves out what it has already (RSL1k); those of a restored log are others.
 *
 * @throws SynclineError `too-large` where one of several does not fit, before any is published
 */
export const toBatches = (frame: HubFrame, clientId: string): readonly (readonly AblyMessage[])[] => {
  if (frame.type !== 'messages' || frame.messages.length === 0) return [[frameMessage(frame, clientId)]]
  const batches: { messages: Unnumbered[]; bytes: number }[] = []
  let { after } = frame
  for (const message of frame.messages) {
    const next = hubMessage(message, frame.epoch, after, clientId)
    after = message[1]
    const bytes = sizeOf(next)
    if (bytes > BATCH_BYTES && frame.messages.length > 1) throw new SynclineError('too-large')
    const batch = batches.at(-1)
    if (batch && batch.messages.length < BATCH_COUNT && batch.bytes + bytes <= BATCH_BYTES) {
      batch.messages.push(next)
      batch.bytes += bytes
    } else batches.push({ messages: [next], bytes })
  }
  return batches.map(({ messages }) => number(messages))
}

type Unnumbered = Omit<AblyMessage, 'id'> & {
  readonly extras: { readonly headers: { readonly seq: number } }
}

const hubMessage = (
  [seq, id, timestamp, name, data, writeId, more]: WireMessage,
  epoch: string,
  after: string | undefined,
  clientId: string,
): Unnumbered => ({
  name,
  clientId,
  ...(typeof data === 'string' ? { data } : { data: JSON.stringify(data ?? null), encoding: 'json' }),
  extras: {
    headers: {
      epoch,
      seq,
      id,
      timestamp,
      ...(after !== undefined && { after }),
      ...(writeId != null && { writeId }),
      ...(more && { more: 1 }),
    },
  },
})

const number = (messages: readonly Unnumbered[]): readonly AblyMessage[] => {
  const place = ({ extras }: Unnumbered) => extras.headers as Extract<Headers, { seq: number }>
  const [first, last] = [messages[0], messages.at(-1)].map((message) => place(message as Unnumbered))
  const base = `${first?.id}.${last?.seq}`
  return messages.map((message, index) => ({ ...message, id: `${base}:${index}` }) as AblyMessage)
}

const frameMessage = (frame: HubFrame, clientId: string): AblyMessage => {
  return {
    name: FRAME_NAME,
    clientId,
    data: JSON.stringify(frame),
    encoding: 'json',
    extras: { headers: { frame: 1 } },
  } as AblyMessage
}

/** Ably's own measure (TM6). */
const sizeOf = ({ name, clientId, data, extras }: Unnumbered): number =>
  Buffer.byteLength(name) +
  Buffer.byteLength(clientId) +
  Buffer.byteLength(data) +
  Buffer.byteLength(JSON.stringify(extras))
