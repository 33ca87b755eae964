import type { Socket } from 'node:net'

/** From the client to the server, or back. */
export type Direction = 'up' | 'down'

/** What becomes of one delivery: the bytes that go on, and whether they are the last of their connection. */
export interface Passage {
  readonly bytes: Uint8Array
  readonly last?: boolean
}

/** One direction of one connection. */
export interface TcpFlow {
  readonly direction: Direction
  /** The receiver has been told the end. */
  readonly over: boolean
  pause(): void
  resume(): void
  /** Tells the receiver that the sender has ended. What the sender still sends goes nowhere. */
  end(): void
}

export interface TcpFlowOptions {
  readonly direction: Direction
  readonly from: Socket
  readonly to: Socket
  /** Milliseconds by which a delivery that comes now is late. */
  readonly latency: () => number
  /** Asked for each delivery of the network. */
  readonly pass: (bytes: Uint8Array) => Passage
  /** The last delivery has been handed on. */
  readonly broken: () => void
}

interface Waiting extends Partial<Passage> {
  readonly due: number
}

/**
 * Moves bytes from one socket to the other, in order whatever their delay is, and no faster than they are taken. The
 * sender's end comes behind its bytes, and ends this direction alone.
 */
export const createTcpFlow = (options: TcpFlowOptions): TcpFlow => {
  const { direction, from, to, latency, pass, broken } = options
  const queue: Waiting[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  let paused = false
  let full = false
  let over = false

  const read = () => {
    if (paused || full) from.pause()
    else from.resume()
  }
  const end = () => {
    if (over) return
    over = true
    if (to.destroyed) return
    to.end()
    if (from.destroyed) to.destroySoon()
  }
  const deliver = ({ bytes, last }: Partial<Passage>) => {
    if (over || to.destroyed) return
    if (!bytes) return end()
    if (bytes.length > 0 && !to.write(bytes)) full = true
    if (last) {
      end()
      broken()
    }
    read()
  }
  const drain = () => {
    clearTimeout(timer)
    while (!paused && queue[0] && queue[0].due <= performance.now()) deliver(queue.shift() as Waiting)
    const next = queue[0]
    if (next && !paused) timer = setTimeout(drain, Math.max(1, Math.ceil(next.due - performance.now())))
  }
  const push = (item: Partial<Passage>) => {
    const wait = latency()
    if (wait <= 0 && queue.length === 0 && !paused) return deliver(item)
    queue.push({ ...item, due: Math.max(performance.now() + wait, queue.at(-1)?.due ?? 0) })
    return drain()
  }

  to.on('drain', () => {
    full = false
    read()
  })
  from.on('data', (chunk: Uint8Array) => push(pass(chunk)))
  from.on('end', () => push({}))
  return {
    direction,
    get over() {
      return over
    },
    pause: () => {
      paused = true
      read()
    },
    resume: () => {
      paused = false
      drain()
      read()
    },
    end,
  }
}
