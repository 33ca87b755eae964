import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ClientFrame, HubFrame } from '@syncline/core/protocol'
import type { HubEnvironment } from '../environment/hub-environment.ts'
import type { Limits } from '../limits.ts'
import type { Logger } from '../logger.ts'

/** A frame on its way out, encoded once for all that get it. */
export interface OutgoingFrame {
  readonly frame: HubFrame
  /** The frame as JSON, made once. */
  readonly json: string
  /** For a gateway's own encoding of the frame (packet, chunk): computed once by `make`, kept with the frame. */
  encoded<T>(gateway: object, make: (json: string) => T): T
}

/** One client's link as its gateway offers it to the hub. */
export interface Peer {
  readonly id: string
  /** Queues the frame at once; never throws. */
  send(frame: OutgoingFrame): void
  /** True while the last write is still on its way: the hub gathers and calls nothing until `drained`. */
  readonly busy: boolean
  /** Bytes queued for this peer and not yet taken by the network. */
  readonly bufferedBytes: number
  /** The remote address, where it is known. A getter, as few ask for it and Node keeps what it was asked for. */
  readonly address?: string | undefined
  /** Ends the link after what was sent is flushed. */
  close(): void
}

/** What a session may do at its provider. */
export interface Grant {
  readonly subject: string
  /** When the session's token expires, ms since 1970; undefined: never. */
  readonly expiresAt: number | undefined
}

/** The hub's end of one link. */
export interface GatewaySession {
  /** Frames from the client, not yet validated. Never throws. `bytes`: their size on the wire. */
  receive(frames: unknown, bytes: number): void
  /** The peer is no longer busy. */
  drained(): void
  /** The link has gone. */
  closed(): void
  /**
   * Whose session this is, and whether it may hear `channel` at the provider: asked of `authorize` as for a join.
   * Waits until the session is open. @throws SynclineError as a rejection: why not
   */
  grant(channel?: string): Promise<Grant>
  /** True while the client is owed something: an answer to its opening, a request or a write. */
  readonly working: boolean
}

/** The opening as the gateway got it: nothing in it is checked yet. */
export interface GatewayOpening {
  readonly token: string | undefined
  readonly frames: unknown
  readonly bytes: number
}

/** What a gateway sees of the hub. */
export interface GatewayHub {
  /** A new link; refused links get a `bye` and are closed. */
  connect(peer: Peer, opening: GatewayOpening): GatewaySession
  readonly limits: Pick<Limits, 'frameBytes' | 'bufferedBytes' | 'channels'>
  /** The hub sends something at least this often, in milliseconds. */
  readonly heartbeat: number
  readonly environment: HubEnvironment
  readonly logger: Logger
}

/** Node's own request and response behind a `Request`. */
export interface NodeExchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Says that the gateway answers on `response` itself; what it returns is what the handler must return. */
  takeOver(): Response
}

/**
 * A request of the uplink that a gateway serves: path after the hub's base path. `node` where the hub's handler
 * runs on Node (`toNodeHandler`), so that a long stream need not pass through web streams.
 */
export type GatewayHandler = (request: Request, node?: NodeExchange) => Promise<Response>

/** One provider on the hub's side. */
export interface Gateway {
  /** `socket.io`, `sse`, … also the name under which its fan-out cursor is kept. */
  readonly name: string
  start(hub: GatewayHub): void
  /**
   * Sends one frame to many peers of this gateway: the hot path of fan-out. Left out: the hub calls `send`
   * for each.
   */
  deliver?(peers: readonly Peer[], frame: OutgoingFrame): void
  /** HTTP routes of this gateway, for `hub.handler`: first path segment → handler. */
  readonly routes?: Readonly<Record<string, GatewayHandler>>
  /**
   * For providers that fan out by themselves (Pusher, Ably): publishes to everybody on the channel. Resolves
   * once the provider took it; then the fan-out cursor moves. The hub drives it again after a crash. The `after` of a
   * `messages` frame has to reach the clients: it tells them the messages of a restored log from those of theirs.
   *
   * @throws SynclineError as a rejection: it is published again. With `too-large` in parts, or as its head alone; with
   * `invalid-channel` not at all. A `retryAfter` holds back all channels, or only the error's own `channel`.
   */
  publish?(channel: string, frame: OutgoingFrame): Promise<void>
  /**
   * For providers that fan out by themselves: ends what the provider itself still lets the subject hear, on one
   * channel or all. Called after the subject's sessions were told.
   */
  revoke?(subject: string, channel?: string): Promise<void>
  /**
   * Stops accepting; what is open is closed by the hub. `within`: milliseconds in which clients that ask may still
   * be told what the hub said last.
   */
  stop(within?: number): Promise<void>
}

export type { ClientFrame, HubFrame }
