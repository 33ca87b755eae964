import {
  createTokenGuard,
  type GatewayHub,
  type GatewaySession,
  type OutgoingFrame,
  type Peer,
  type TokenGuard,
  type UplinkBody,
} from '@syncline/server'
import type { Chunk } from './chunk.ts'
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
  readonly #guard: TokenGuard
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
    this.#guard = createTokenGuard({ token })
  }

  start(hub: GatewayHub, { token, value, bytes }: UplinkBody): void {
    this.#session = hub.connect(this, { token, frames: value.frames, bytes })
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
    return this.#guard.admits(token)
  }

  receive({ value: { frames }, bytes }: UplinkBody): void {
    this.#guard.see(frames)
    this.#session?.receive(frames, bytes)
  }
}
