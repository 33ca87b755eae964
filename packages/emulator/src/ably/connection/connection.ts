import { randomBytes } from 'node:crypto'
import type { Link } from '../../shared/link.ts'
import type { Rate } from '../../shared/rate.ts'
import type { AblyError } from '../ably-error.ts'
import type { Principal } from '../auth/principal.ts'
import type { Channel, Subscriber } from '../channel/channel.ts'
import type { Format, Outgoing } from '../protocol/codec.ts'
import { createOutgoing } from '../protocol/codec.ts'
import type { Frame } from '../protocol/frame.ts'

/** Answers kept for publishes that a client sends again after a resume; the oldest make room. */
const MAX_ANSWERS = 1_000

/** What Ably keeps of a connection while its sockets come and go. */
export interface Connection extends Subscriber {
  readonly key: string
  principal: Principal
  /** `*` may name anybody, undefined nobody. */
  clientId: string | undefined
  format: Format
  echo: boolean
  /** The socket of the moment. */
  link: Link | undefined
  /** The attached channels; empty while there is no socket. */
  readonly attached: Map<string, Channel>
  /** The channels with members of this connection. */
  readonly present: Set<Channel>
  readonly rate: Rate
  /** Serials before this one belong to a connection that this one could not resume. */
  expiredBefore: number
  /** A fault has made it impossible to resume. */
  lost: boolean
  /** What the next attempt to resume is told, because a frame could not even be read. */
  doom: AblyError | undefined
  readonly answers: Answers
  reply(frame: Frame): void
}

/** What was answered to each `msgSerial`. */
export interface Answers {
  get(msgSerial: number): Frame | undefined
  set(msgSerial: number, answer: Frame): void
}

export interface ConnectionSpec {
  readonly principal: Principal
  readonly clientId: string | undefined
  readonly format: Format
  readonly echo: boolean
  readonly rate: Rate
}

export const createConnection = (spec: ConnectionSpec): Connection => {
  const id = randomBytes(8).toString('base64url')
  const connection: Connection = {
    ...spec,
    id,
    key: `${id}!${randomBytes(12).toString('base64url')}`,
    link: undefined,
    attached: new Map(),
    present: new Set(),
    expiredBefore: 0,
    lost: false,
    doom: undefined,
    answers: createAnswers(),
    send: (outgoing: Outgoing) => connection.link?.send(outgoing.bytes(connection.format)),
    reply: (frame) => connection.send(createOutgoing(frame)),
  }
  return connection
}

const createAnswers = (): Answers => {
  const answers = new Map<number, Frame>()
  return {
    get: (msgSerial) => answers.get(msgSerial),
    set: (msgSerial, answer) => {
      for (const oldest of answers.keys()) {
        if (answers.size < MAX_ANSWERS) break
        answers.delete(oldest)
      }
      answers.set(msgSerial, answer)
    },
  }
}
