import type { ClientFrame, HubFrame } from '@syncline/core/protocol'
import { PROTOCOL_VERSION } from '@syncline/core/protocol'
import type { Gateway, GatewayHub, GatewaySession, OutgoingFrame, Peer } from '../gateway/gateway.ts'

type FrameOf<T extends HubFrame['type']> = Extract<HubFrame, { type: T }>

/** A client's end in a test: what it got, and the means to be slow. */
export interface TestPeer {
  readonly frames: readonly HubFrame[]
  readonly closed: boolean
  /** All frames of a type. */
  all<T extends HubFrame['type']>(type: T): readonly FrameOf<T>[]
  /** The newest frame of a type. @throws if there is none */
  last<T extends HubFrame['type']>(type: T): FrameOf<T>
  /** Forgets what it got. */
  clear(): void
  send(...frames: readonly ClientFrame[]): void
  /** Whatever, as it comes. */
  sendRaw(frames: unknown, bytes?: number): void
  /** The link is gone without a word. */
  cut(): void
  /** From now on each frame stays on its way, until `drain`. */
  stall(bufferedBytes?: number): void
  drain(): void
  /** From now on what is sent is queued, byte by byte, until it is `taken`. */
  queue(): void
  taken(): void
}

export interface TestGateway extends Gateway {
  /** Peers for each call of `deliver`. */
  readonly deliveries: number[]
  connect(options?: {
    readonly client?: string
    readonly token?: string
    readonly identity?: string
    readonly frames?: readonly ClientFrame[]
    readonly hello?: unknown
  }): TestPeer
}

const jsonCopy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

/** A gateway in the same process: frames pass as JSON, as on a wire. */
export const createTestGateway = (extra: Partial<Gateway> = {}): TestGateway => {
  let hub: GatewayHub | undefined
  let peers = 0
  const deliveries: number[] = []

  const connect: TestGateway['connect'] = (options = {}) => {
    const { client = 'client', token, identity, frames: first = [] } = options
    const frames: HubFrame[] = []
    let closed = false
    let busy = false
    let stalled = false
    let queueing = false
    let buffered = 0
    const peer: Peer = {
      id: `peer-${++peers}`,
      get busy() {
        return busy
      },
      get bufferedBytes() {
        return buffered
      },
      send: (frame: OutgoingFrame) => {
        if (stalled) busy = true
        if (queueing) {
          busy = true
          buffered += frame.json.length
        }
        frames.push(JSON.parse(frame.json) as HubFrame)
      },
      close: () => {
        closed = true
      },
    }
    const hello = options.hello ?? {
      type: 'hello',
      version: PROTOCOL_VERSION,
      client,
      ...(identity !== undefined && { identity }),
    }
    const opening = jsonCopy([hello, ...first])
    const session = hub?.connect(peer, {
      token,
      frames: opening,
      bytes: JSON.stringify(opening).length,
    }) as GatewaySession
    return {
      frames,
      get closed() {
        return closed
      },
      all: <T extends HubFrame['type']>(type: T) =>
        frames.filter((frame): frame is FrameOf<T> => frame.type === type),
      last: <T extends HubFrame['type']>(type: T) => {
        const found = frames.findLast((frame): frame is FrameOf<T> => frame.type === type)
        if (!found)
          throw new Error(`No ${type} among ${frames.map((frame) => frame.type).join(', ') || 'no frames'}.`)
        return found
      },
      clear: () => {
        frames.length = 0
      },
      send: (...sent) => session.receive(jsonCopy(sent), JSON.stringify(sent).length),
      sendRaw: (sent, bytes = 100) => session.receive(sent, bytes),
      cut: () => session.closed(),
      stall: (bufferedBytes = 0) => {
        stalled = true
        busy = true
        buffered = bufferedBytes
      },
      queue: () => {
        queueing = true
      },
      taken: () => {
        busy = false
        buffered = 0
        session.drained()
      },
      drain: () => {
        stalled = false
        busy = false
        buffered = 0
        session.drained()
      },
    }
  }

  return {
    name: 'test',
    deliveries,
    connect,
    start: (given) => {
      hub = given
    },
    stop: async () => undefined,
    deliver: (to, frame) => {
      deliveries.push(to.length)
      for (const peer of to) peer.send(frame)
    },
    ...extra,
  }
}
