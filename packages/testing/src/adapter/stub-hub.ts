import type { HubFrame } from '@syncline/core/protocol'
import type { GatewayHub, GatewayOpening, Grant, HubEnvironment, OutgoingFrame, Peer } from '@syncline/server'

/** One link as the stub saw it. */
export interface StubLink {
  readonly peer: Peer
  readonly opening: GatewayOpening
  readonly received: unknown[]
  readonly sizes: number[]
  drained: number
  closed: boolean
  /** What `working` says. */
  working: boolean
}

const realTime: HubEnvironment = {
  now: () => Date.now(),
  setTimer: (delay, callback) => {
    const timer = setTimeout(callback, delay)
    return () => clearTimeout(timer)
  },
  random: () => Math.random(),
  id: () => crypto.randomUUID(),
}

/**
 * A hub that only writes down what a gateway tells it; `connect` and `receive` may answer, `grant` may refuse. It
 * grants everything to `ada` unless told otherwise.
 */
export const createStubHub = (
  on: {
    connect?: (link: StubLink) => void
    receive?: (link: StubLink, frames: unknown) => void
    grant?: (link: StubLink, channel: string | undefined) => Grant | Promise<Grant>
    environment?: HubEnvironment
    heartbeat?: number
  } = {},
): GatewayHub & { readonly links: StubLink[]; readonly logged: unknown[] } => {
  const logged: unknown[] = []
  const log = (...entry: unknown[]) => void logged.push(entry)
  const links: StubLink[] = []
  return {
    links,
    logged,
    logger: { debug: log, info: log, warn: log, error: log },
    environment: on.environment ?? realTime,
    heartbeat: on.heartbeat ?? 15_000,
    limits: { frameBytes: 65_536, bufferedBytes: 1_000_000, channels: 200 },
    connect: (peer, opening) => {
      const link: StubLink = {
        peer,
        opening,
        received: [],
        sizes: [],
        drained: 0,
        closed: false,
        working: false,
      }
      links.push(link)
      on.connect?.(link)
      return {
        receive: (frames, bytes) => {
          link.sizes.push(bytes)
          if (Array.isArray(frames)) link.received.push(...frames)
          else link.received.push(frames)
          on.receive?.(link, frames)
        },
        drained: () => void link.drained++,
        closed: () => {
          link.closed = true
        },
        grant: async (channel) =>
          on.grant ? on.grant(link, channel) : { subject: 'ada', expiresAt: undefined },
        get working() {
          return link.working
        },
      }
    },
  }
}

/** A frame as the hub hands it to a gateway. */
export const outgoing = (frame: HubFrame): OutgoingFrame => {
  const json = JSON.stringify(frame)
  const encodings = new Map<object, unknown>()
  return {
    frame,
    json,
    encoded: <T>(gateway: object, make: (json: string) => T): T => {
      if (!encodings.has(gateway)) encodings.set(gateway, make(json))
      return encodings.get(gateway) as T
    },
  }
}

/** A `messages` frame with one message for each datum. */
export const messages = (channel: string, first: number, ...data: unknown[]): OutgoingFrame =>
  outgoing({
    type: 'messages',
    channel,
    epoch: 'e1',
    messages: data.map((datum, index) => [first + index, `m${first + index}`, 0, 'said', datum]),
  })
