import {
  type Environment,
  type Opening,
  SynclineError,
  type Transport,
  type TransportEvent,
} from '@syncline/core'
import type { Gateway, GatewayHub, Peer } from '@syncline/server'
import { Observable, type Subscriber } from 'rxjs'

/** A provider without a network: both halves of its wire in one process, in the time of an environment. */
export interface SimulatedNetwork {
  /** For the hub. A hub that starts with it serves the links from then on; so a hub can be replaced. */
  gateway(): Gateway
  /** For one client. `links` of it can be cut and held apart from those of others. */
  client(): SimulatedClient
}

export interface SimulatedClient {
  readonly transport: Transport
  /** Breaks the link; what was on its way is lost, in both directions. */
  cut(): void
  /** No link can be opened until `accept`. */
  refuse(): void
  accept(): void
  /** Nothing moves on the link that is open now, and neither end is told: what was sent is lost. */
  silence(): void
}

export interface SimulatedNetworkOptions {
  readonly environment: Environment
  /** Milliseconds that the next delivery takes. It never overtakes an earlier one. Default: none. */
  readonly latency?: () => number
}

/** One open link. */
interface Link {
  silent: boolean
  end(error: SynclineError): void
}

const broken = (detail: string): SynclineError => new SynclineError('transport-failed', { detail })

/**
 * A network in virtual time: with `createVirtualTime` a whole system of hub and clients runs from one seed,
 * years in a second, and the same again each time.
 *
 * @example
 * const time = createVirtualTime({ seed: 7 })
 * const network = createSimulatedNetwork({ environment: time.environment, latency: () => 40 })
 * const hub = createHub({ environment: time.environment, gateways: [network.gateway()], store: memoryStore() })
 * const ada = network.client()
 * const client = createClient({ environment: time.environment, transport: ada.transport })
 * ada.cut()
 * await time.advance(1_000)
 */
export const createSimulatedNetwork = ({
  environment,
  latency = () => 0,
}: SimulatedNetworkOptions): SimulatedNetwork => {
  let hub: GatewayHub | undefined

  /** One direction of one link: in order, each delivery after its own time. */
  const createPipe = (isOpen: () => boolean, deliver: (text: string) => void) => {
    let last = 0
    return (text: string): void => {
      const at = Math.max(last, environment.now() + latency())
      last = at
      environment.setTimer(at - environment.now(), () => {
        if (isOpen()) deliver(text)
      })
    }
  }

  const connect = (
    { token, frames }: Opening,
    to: GatewayHub,
    subscriber: Subscriber<TransportEvent>,
    links: Set<Link>,
  ): (() => void) => {
    let over = false
    const isOpen = () => !over && !link.silent
    const toClient = createPipe(isOpen, (text) =>
      subscriber.next({ type: 'frames', frames: [JSON.parse(text)] }),
    )
    const peer: Peer = {
      id: environment.id(),
      busy: false,
      bufferedBytes: 0,
      send: ({ json }) => toClient(json),
      close: () => bye(),
    }
    const close = () => {
      if (over) return
      over = true
      links.delete(link)
      session.closed()
    }
    const link: Link = {
      silent: false,
      end: (error) => {
        close()
        subscriber.error(error)
      },
    }
    // Behind what was sent before it.
    const bye = createPipe(
      () => true,
      () => link.end(broken('The hub ended the link.')),
    ).bind(undefined, '')
    const opening = JSON.stringify(frames)
    const session = to.connect(peer, { token, frames: JSON.parse(opening), bytes: opening.length })
    const toHub = createPipe(isOpen, (text) => session.receive(JSON.parse(text), text.length))
    links.add(link)
    subscriber.next({ type: 'open', continuity: 'lost', send: (sent) => toHub(JSON.stringify(sent)) })
    return close
  }

  return {
    gateway: () => {
      const own: Gateway = {
        name: 'simulated',
        start: (started) => {
          hub = started
        },
        stop: async () => {
          hub = undefined
        },
      }
      return own
    },
    client: () => {
      const links = new Set<Link>()
      let refusing = false
      const attempt = (opening: Opening) =>
        new Observable<TransportEvent>((subscriber) => {
          let hangUp = environment.setTimer(latency(), () => {
            if (!hub || refusing) subscriber.error(broken('Nobody answers.'))
            else hangUp = connect(opening, hub, subscriber, links)
          })
          return () => hangUp()
        })
      return {
        transport: { kind: 'hub', name: 'simulated', open: () => ({ attempt, dispose: () => {} }) },
        cut: () => {
          for (const link of links) link.end(broken('The link was cut.'))
        },
        refuse: () => {
          refusing = true
        },
        accept: () => {
          refusing = false
        },
        silence: () => {
          for (const link of links) link.silent = true
        },
      }
    },
  }
}
