import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** From the client to the server, or back. */
export type Direction = 'up' | 'down'

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
  /** Holds every byte back for so many milliseconds, each way. */
  delay(milliseconds: number): void
  close(): Promise<void>
}

export interface TcpProxyOptions {
  /** Where the server listens; asked for each new connection. */
  readonly target: () => number
  /** The proxy's own port. Default: any that is free. */
  readonly port?: number
}

/** One direction of one connection. */
interface Flow {
  readonly direction: Direction
  pause(): void
  resume(): void
}

const createFlow = (direction: Direction, from: Socket, to: Socket, latency: () => number): Flow => {
  let paused = false
  let full = false
  const flow = () => {
    if (paused || full) from.pause()
    else from.resume()
  }
  const write = (chunk: Uint8Array) => {
    if (to.destroyed || to.write(chunk)) return
    full = true
    flow()
  }
  to.on('drain', () => {
    full = false
    flow()
  })
  from.on('data', (chunk) => {
    const milliseconds = latency()
    if (milliseconds > 0) setTimeout(write, milliseconds, chunk)
    else write(chunk)
  })
  const set = (value: boolean) => () => {
    paused = value
    flow()
  }
  return { direction, pause: set(true), resume: set(false) }
}

/** Ends a connection without a word (RST). One that is saying goodbye already cannot be reset any more. */
export const breakConnection = (socket: Socket): void => {
  if (socket.writableEnded) socket.destroy()
  else socket.resetAndDestroy()
}

/**
 * A TCP proxy on 127.0.0.1 that can cut, hold and slow down what goes through it.
 *
 * @example
 * const proxy = await createTcpProxy({ target: () => 3001 })
 * const client = createClient({ transport: socketIo(proxy.url) })
 * proxy.cut()
 */
export const createTcpProxy = async ({ target, port = 0 }: TcpProxyOptions): Promise<TcpProxy> => {
  const links = new Set<{
    readonly ends: readonly [Socket, Socket]
    readonly flows: readonly Flow[]
    silent: boolean
    over: boolean
  }>()
  let refusing = false
  let latency = 0

  const server = createServer((client) => {
    if (refusing) return void breakConnection(client)
    client.setNoDelay(true)
    const upstream = connect({ host: '127.0.0.1', port: target(), noDelay: true })
    const flows = [
      createFlow('up', client, upstream, () => latency),
      createFlow('down', upstream, client, () => latency),
    ]
    const link = { ends: [client, upstream] as const, flows, silent: false, over: false }
    links.add(link)
    for (const [end, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      // Its `close` follows, and says all that there is to say.
      end.on('error', () => {})
      end.on('end', () => {
        if (link.silent) link.over = true
        else other.end()
      })
      end.on('close', () => {
        link.over = true
        if (link.silent) return
        links.delete(link)
        other.destroy()
      })
    }
    return undefined
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
        for (const flow of link.flows) if (!direction || flow.direction === direction) flow.pause()
      }
    },
    resume: () => {
      for (const link of links) {
        link.silent = false
        if (link.over) {
          links.delete(link)
          for (const end of link.ends) end.destroy()
        } else for (const flow of link.flows) flow.resume()
      }
    },
    delay: (milliseconds) => {
      latency = milliseconds
    },
    close: () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      cut()
      return closed
    },
  }
}
