import type { HubFrame } from '@syncline/core/protocol'
import type { GatewayHub, GatewayOpening, OutgoingFrame, Peer } from '@syncline/server'

/** One link as the stub saw it. */
export interface StubLink {
  readonly peer: Peer
  readonly opening: GatewayOpening
  readonly received: unknown[]
  readonly sizes: number[]
  drained: number
  closed: boolean
}

/** A hub that only writes down what a gateway tells it; `onConnect` and `onReceive` may answer. */
export const createStubHub = (
  on: { connect?: (link: StubLink) => void; receive?: (link: StubLink, frames: unknown) => void } = {},
): GatewayHub & { readonly links: StubLink[] } => {
  const links: StubLink[] = []
  return {
    links,
    limits: { frameBytes: 65_536, bufferedBytes: 1_000_000 },
    connect: (peer, opening) => {
      const link: StubLink = { peer, opening, received: [], sizes: [], drained: 0, closed: false }
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
