import { Buffer } from 'node:buffer'
import { createHash, timingSafeEqual } from 'node:crypto'
import type { GatewayHub, GatewaySession, OutgoingFrame, Peer } from '@syncline/server'
import type { Chunk } from './chunk.ts'
import type { Delivery } from './read-delivery.ts'
import type { Sink, SinkListener } from './sink.ts'

/** One open stream: to the hub a peer, and for those who send for it the way to its session. */
export class Link implements Peer, SinkListener {
  readonly id: string
  /** Set before anything is written. */
  sink!: Sink
  /** The open streams, and its secret among them. */
  readonly #links: Map<string, Link>
  readonly #secret: string
  readonly #encode: (frame: OutgoingFrame) => Chunk
  #session: GatewaySession | undefined
  #own: string
  #closed = false

  constructor(
    id: string,
    links: Map<string, Link>,
    secret: string,
    encode: (frame: OutgoingFrame) => Chunk,
    token: string | undefined,
  ) {
    this.id = id
    this.#links = links
    this.#secret = secret
    this.#encode = encode
    this.#own = digest(token)
  }

  start(hub: GatewayHub, { token, frames, bytes }: Delivery): void {
    this.#session = hub.connect(this, { token, frames, bytes })
    if (this.#closed) this.#session.closed()
  }

  // The peer

  get busy(): boolean {
    return this.sink.busy
  }

  get bufferedBytes(): number {
    return this.sink.bufferedBytes
  }

  get address(): string | undefined {
    return this.sink.address
  }

  write(chunk: Chunk): void {
    this.sink.write(chunk)
  }

  send(frame: OutgoingFrame): void {
    this.sink.write(this.#encode(frame))
  }

  close(): void {
    this.sink.close()
  }

  // Its sink

  drained(): void {
    this.#session?.drained()
  }

  closed(): void {
    this.#closed = true
    this.#links.delete(this.#secret)
    this.#session?.closed()
  }

  // What is sent for it

  /** Whether this token, or the lack of one, is the stream's own. */
  admits(token: string | undefined): boolean {
    return timingSafeEqual(Buffer.from(this.#own), Buffer.from(digest(token)))
  }

  receive({ frames, bytes }: Delivery): void {
    const token = Array.isArray(frames) ? frames.findLast(isAuth)?.token : undefined
    if (token !== undefined) this.#own = digest(token)
    this.#session?.receive(frames, bytes)
  }
}

const isAuth = (frame: unknown): frame is { token: string } =>
  typeof frame === 'object' &&
  frame !== null &&
  'type' in frame &&
  frame.type === 'auth' &&
  'token' in frame &&
  typeof frame.token === 'string'

/** Tokens are kept and compared as digests; none and an empty one are different. */
const digest = (token: string | undefined): string => (token === undefined ? noToken : sha256(`.${token}`))

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64')
const noToken = sha256('')
