import { PROTOCOL_VERSION } from '@syncline/core/protocol'
import { openEventStreamClient } from './event-stream-client.ts'
import type { Tally } from './tally.ts'
import { openWebSocketClient } from './web-socket-client.ts'

/** Whom a client speaks to: a hub over one of its providers, or a baseline. */
export type Peer = 'hub.socket-io' | 'hub.sse' | 'plain.socket-io' | 'plain.sse'

let clients = 0

/** What a client says first that joins `feed`. */
export const openingFrames = () => [
  { type: 'hello', version: PROTOCOL_VERSION, client: `bench-${process.pid}-${++clients}` },
  { type: 'join', channel: 'feed' },
]

/** Opens one client; it is open when it will get what is published from then on. */
export const openClient = (peer: Peer, port: number, tally: Tally): { readonly opened: Promise<void> } => {
  switch (peer) {
    case 'hub.socket-io':
      return openWebSocketClient({
        port,
        tally,
        connectPacket: `40/syncline,${JSON.stringify({ frames: openingFrames() })}`,
        isJoined: (packet) => packet.includes('"type":"joined"'),
      })
    case 'plain.socket-io':
      return openWebSocketClient({
        port,
        tally,
        connectPacket: '40',
        isJoined: (packet) => packet.startsWith('40'),
      })
    case 'hub.sse':
      return openEventStreamClient({
        port,
        tally,
        path: '/syncline/sse',
        body: JSON.stringify({ frames: openingFrames() }),
        joinedBy: '"type":"joined"',
      })
    case 'plain.sse':
      return openEventStreamClient({ port, tally, path: '/', body: undefined, joinedBy: 'retry:' })
  }
}
