import type { HelloFrame, HubFrame } from '../protocol/frames.ts'
import type { HubLink } from '../transport/hub-link.ts'
import type { Transport, TransportSession } from '../transport/transport.ts'
import type { Connection } from './connection.ts'
import { type ConnectionOptions, createConnection } from './create-connection.ts'
import { dialHub } from './dial-hub.ts'

export interface HubConnectionOptions extends ConnectionOptions {
  readonly transport: Transport
  /** The subject that the hub must know the session by; undefined: any. Asked at each welcome. */
  subject?(): string | undefined
  /** The hello of the next attempt. */
  hello(): HelloFrame
  /** A link is given up after this many heartbeat intervals of silence. Default 2. */
  readonly missedHeartbeats?: number | undefined
}

/** A connection to a hub over any transport. Its sessions are confirmed by the hub's `welcome`. */
export const createHubConnection = (
  options: HubConnectionOptions,
): Connection<HubLink, readonly HubFrame[]> => {
  let session: TransportSession | undefined
  return createConnection<HubLink, readonly HubFrame[]>({
    ...options,
    dial: (token, events) => {
      session ??= options.transport.open(options.environment)
      return dialHub(session, token, options, events)
    },
    dispose: () => session?.dispose(),
  })
}
