import type { Environment } from '../environment/environment.ts'
import { SynclineError } from '../errors/syncline-error.ts'
import type { ClientFrame } from '../protocol/frames.ts'

export interface UplinkOptions {
  /** Where the gateway is served: `{url of the hub's handler}/{provider}`, without a slash at its end. */
  readonly url: string
  readonly environment: Pick<Environment, 'fetch' | 'setTimer'>
  /** The session's token; after an `auth` frame it is that frame's. */
  readonly token: string | undefined
  /** Whether cookies go along. Default `same-origin`, as with `fetch`. */
  readonly credentials?: RequestCredentials | undefined
  /** More headers for every request; a function is asked before each. Default: none. */
  readonly headers?: Record<string, string> | (() => Record<string, string>) | undefined
  /**
   * Frames of one answer, possibly none: hand them on as a `frames` event either way, for the heartbeat hears it.
   * Not those of the opening, unless it was refused.
   */
  readonly onFrames: (frames: readonly unknown[]) => void
  /** A request failed, so the session is over. Once, and not after `close`. */
  readonly onError: (error: SynclineError) => void
}

export interface UplinkOpened {
  /** Names this client at the provider: what wakes it is addressed to this. */
  readonly wake: string
  /** What the gateway tells its transport. */
  readonly provider: unknown
  /** The welcome, and what came with it: hand them on after the `open` event. */
  readonly frames: readonly unknown[]
}

/** What goes up to the hub over HTTP, and its answers. One for each attempt. */
export interface Uplink {
  /**
   * Opens the session. A `bye` instead of a welcome goes to `onFrames` and is the rejection as well.
   * @throws SynclineError as a rejection; `onError` is not called for it
   */
  open(frames: readonly ClientFrame[]): Promise<UplinkOpened>
  /** Sends in order; what comes while a request is on its way gathers for the next. Never throws. */
  send(frames: readonly ClientFrame[]): void
  /** Fetches what waits: call it when woken, and when waking has become possible. */
  poll(): void
  /**
   * Asks the gateway for what its provider needs.
   * @throws SynclineError as a rejection: the gateway's refusal; one that ends the session goes to `onError` as well
   */
  act(action: string, body?: Readonly<Record<string, unknown>>): Promise<unknown>
  /** Ends the session and tells the hub, as well as that can be done when a page goes. */
  close(): void
}

/** The client's half of the uplink, for transports whose provider cannot carry what a client sends. */
export const createUplink = (_options: UplinkOptions): Uplink => {
  throw new SynclineError('internal', { detail: 'Not yet.' })
}
