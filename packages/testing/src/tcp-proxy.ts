import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { corrupted, createDeliveryFaults, truncated } from './delivery-faults.ts'
import { createTcpFlow, type Direction, type TcpFlow } from './tcp-flow.ts'

export type { Direction } from './tcp-flow.ts'

/** A stretch of network between a client and a server, with faults on demand. */
export interface TcpProxy {
  readonly port: number
  /** `http://127.0.0.1:<port>`. */
  readonly url: string
  /** Connections that are open now. */
  readonly connections: number
  /** Breaks every connection at once, as a lost network does (RST). */
  cut(): void
  /** Refuses new connections until `accept`. */
  refuse(): void
  accept(): void
  /**
   * Nothing moves any more on the connections that are open now, and neither end is told: a half-open link.
   * New connections are not touched. With a direction, only that one stops.
   */
  pause(direction?: Direction): void
  resume(): void
  /** Holds every byte back for so many milliseconds, each way or one; none overtakes another. */
  delay(milliseconds: number, direction?: Direction): void
  /** Resolves once the next delivery in this direction has gone on, or when the proxy is closed. */
  passed(direction: Direction): Promise<void>
  /**
   * Passes the beginning of the next delivery on, and then breaks its connection: the receiver reads an end (FIN) in
   * the middle of a frame, the sender is reset. Resolves once that has happened, or when the proxy is closed.
   *
   * @param kept how many bytes of a delivery of this length go on. Default: half of them
   */
  truncate(direction: Direction, kept?: (length: number) => number): Promise<void>
  /**
   * Turns over the highest bit of a byte of the next delivery: what was ASCII is not even UTF-8 any more. Resolves once
   * that has happened, or when the proxy is closed.
   *
   * @param at which byte of a delivery of this length. Default: the last one
   */
  corrupt(direction: Direction, at?: (length: number) => number): Promise<void>
  /**
   * Ends one direction of the connections that are open now (FIN): its receiver reads an end, its sender is not told
   * and writes to nobody. The other direction goes on.
   */
  halfClose(direction: Direction): void
  close(): Promise<void>
}

export interface TcpProxyOptions {
  /** Where the server listens; asked for each new connection. */
  readonly target: () => number
  /** The proxy's own port. Default: any that is free. */
  readonly port?: number
}

interface Link {
  readonly ends: readonly [Socket, Socket]
  readonly flows: readonly TcpFlow[]
  silent: boolean
  over: boolean
}

/** Ends a connection without a word (RST). One that is saying goodbye already cannot be reset any more. */
export const breakConnection = (socket: Socket): void => {
  if (socket.writableEnded) socket.destroy()
  else socket.resetAndDestroy()
}

/**
 * A TCP proxy on 127.0.0.1 that can cut, hold, slow down, truncate, half-close and corrupt what goes through it.
 *
 * @example
 * const proxy = await createTcpProxy({ target: () => 3001 })
 * const client = createClient({ transport: socketIo(proxy.url) })
 * proxy.cut()
 */
export const createTcpProxy = async ({ target, port = 0 }: TcpProxyOptions): Promise<TcpProxy> => {
  const links = new Set<Link>()
  const faults = createDeliveryFaults()
  const latency = { up: 0, down: 0 }
  let refusing = false

  const flow = (direction: Direction, from: Socket, to: Socket) =>
    createTcpFlow({
      direction,
      from,
      to,
      latency: () => latency[direction],
      pass: (bytes) => faults.pass(direction, bytes),
      broken: () => breakConnection(from),
    })
  /** Its two sockets go together, but for one that is silent, and behind what is still on its way. */
  const bind = (link: Link) => {
    links.add(link)
    const [client, upstream] = link.ends
    for (const [index, end, other] of [
      [0, client, upstream],
      [1, upstream, client],
    ] as const) {
      // Its `close` follows, and says all that there is to say.
      end.on('error', () => {})
      end.on('end', () => {
        link.over ||= link.silent
      })
      end.on('close', (failed) => {
        link.over = true
        if (link.silent) return
        if (other.destroyed) links.delete(link)
        else if (link.flows[index]?.over) other.destroySoon()
        else if (failed || !end.readableEnded) other.destroy()
      })
    }
  }

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    if (refusing) return void breakConnection(client)
    const upstream = connect({ host: '127.0.0.1', port: target(), noDelay: true, allowHalfOpen: true })
    const flows = [flow('up', client, upstream), flow('down', upstream, client)]
    return void bind({ ends: [client, upstream], flows, silent: false, over: false })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const ownPort = (server.address() as AddressInfo).port

  const cut = () => {
    for (const { ends } of links) for (const end of ends) breakConnection(end)
    links.clear()
  }
  const flowsOf = ({ flows }: Link, direction: Direction | undefined) =>
    flows.filter((each) => !direction || each.direction === direction)
  return {
    port: ownPort,
    url: `http://127.0.0.1:${ownPort}`,
    get connections() {
      return links.size
    },
    cut,
    refuse: () => {
      refusing = true
    },
    accept: () => {
      refusing = false
    },
    pause: (direction) => {
      for (const link of links) {
        link.silent = direction === undefined
        for (const each of flowsOf(link, direction)) each.pause()
      }
    },
    resume: () => {
      for (const link of links) {
        link.silent = false
        if (link.over) {
          links.delete(link)
          for (const end of link.ends) end.destroy()
        } else for (const each of link.flows) each.resume()
      }
    },
    delay: (milliseconds, direction) => {
      if (direction !== 'down') latency.up = milliseconds
      if (direction !== 'up') latency.down = milliseconds
    },
    passed: (direction) => faults.add(direction, (bytes) => ({ bytes })),
    truncate: (direction, kept = (length) => length / 2) => faults.add(direction, truncated(kept)),
    corrupt: (direction, at = (length) => length - 1) => faults.add(direction, corrupted(at)),
    halfClose: (direction) => {
      for (const link of links) for (const each of flowsOf(link, direction)) each.end()
    },
    close: () => {
      faults.clear()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      cut()
      return closed
    },
  }
}
