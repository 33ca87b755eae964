import { type Opening, SynclineError, type Transport, type TransportEvent } from '@syncline/core'
import type { Gateway, GatewayHub, GatewaySession, Limits, Peer } from '@syncline/server'
import { Observable, type Subscriber } from 'rxjs'
import type { Endpoint, HubProcess } from './endpoint.ts'
import type { Machine } from './machine.ts'
import type { Scheduler } from './scheduler.ts'
import { inOrder, type Wire, type WireUse } from './wire.ts'

const broken = (detail: string): SynclineError => new SynclineError('transport-failed', { detail })

/** The gateway for direct links: an ordered link for each client, as Socket.IO and SSE have. */
export const directGateway = (process: HubProcess): Gateway => ({
  name: 'direct',
  start: (hub) => {
    process.gatewayHub = hub
  },
  stop: async () => {
    process.gatewayHub = undefined
  },
})

/** What the hub may leave unread for a client, as its limits say. */
export interface UnreadWatch extends Pick<Limits, 'cutBytes' | 'slowFor'> {
  tooMuch(message: string): void
}

export interface DirectLinkOptions {
  readonly scheduler: Scheduler
  readonly machine: Machine
  readonly wire: Wire
  readonly endpoint: Endpoint
  /** Whether an end that dies takes the link down with a word, or just vanishes. */
  readonly vanishes: () => boolean
  /** Who is told when the hub leaves more unread for the client than its limits say. Default: nobody. */
  readonly unread?: UnreadWatch
}

/** The client's half of direct links. */
export const directTransport = (options: DirectLinkOptions): Transport => ({
  kind: 'hub',
  name: 'direct',
  open: () => ({ attempt: (opening) => attempt(options, opening), dispose: () => {} }),
})

const attempt = (options: DirectLinkOptions, opening: Opening): Observable<TransportEvent> =>
  new Observable((subscriber) => {
    const { machine, wire, endpoint } = options
    if (!machine.act()) return
    let hangUp = machine.deliver(wire.delay(), () => {
      const { process } = endpoint
      if (wire.door === 'void') return
      if (wire.door === 'refusing' || !process?.machine.alive || !process.gatewayHub)
        return subscriber.error(broken('Nobody answers.'))
      hangUp = connect(options, opening, process, process.gatewayHub, subscriber)
    })
    return () => hangUp()
  })

const connect = (
  { scheduler, machine, wire, vanishes, unread }: DirectLinkOptions,
  { token, frames }: Opening,
  process: HubProcess,
  hub: GatewayHub,
  subscriber: Subscriber<TransportEvent>,
): (() => void) => {
  const silent = { up: false, down: false }
  let overHere = false
  let overThere = false
  let session: GatewaySession | undefined
  let buffered = 0
  let takenAt = 0
  /** The hub has seen that too much is unread, and must cut the link soon unless it is read. */
  let watched = false
  let drainedSince = false
  /** One answer of any size may be sent to who had room. */
  let excused = false

  const downInOrder = inOrder(scheduler, () => wire.delay())
  const upInOrder = inOrder(scheduler, () => wire.delay())
  /** Each end lets go of the link when it hears of its end. */
  const endHere = (error: SynclineError | undefined): void => {
    if (overHere) return
    overHere = true
    if (overThere) release()
    if (error) subscriber.error(error)
  }
  const endThere = (): void => {
    if (overThere) return
    overThere = true
    if (overHere) release()
    session?.closed()
  }
  const use: WireUse = {
    silent,
    broken: () => {
      machine.deliver(0, () => endHere(broken('The link was cut.')))
      process.machine.deliver(0, endThere)
    },
    missed: () => {
      if (overHere) process.machine.deliver(0, endThere)
    },
  }
  const withdraw = [
    wire.use(use),
    machine.onDeath(() => {
      overHere = true
      if (!vanishes()) process.machine.deliver(wire.delay(), () => !silent.up && endThere())
    }),
    process.machine.onDeath(() => {
      overThere = true
      if (!vanishes())
        machine.deliver(wire.delay(), () => !silent.down && endHere(broken('The hub is gone.')))
    }),
  ]
  const release = (): void => {
    for (const each of withdraw) each()
  }

  const down = (arrive: () => void): void =>
    downInOrder((wait) =>
      machine.deliver(wait, () => {
        if (!overHere && !silent.down) arrive()
      }),
    )
  const up = (arrive: () => void): void =>
    upInOrder((wait) =>
      process.machine.deliver(wait, () => {
        if (!overThere && !silent.up) arrive()
      }),
    )

  /** A device that reads slowly, or not at all, leaves what was sent in the hub's buffer. */
  const takeLater = (length: number): void => {
    const { rate } = wire
    if (rate === undefined && !machine.asleep && !silent.down) return
    if (rate !== undefined) wire.happened('slow reader')
    buffered += length
    takenAt = Math.max(takenAt, scheduler.now) + (rate === undefined ? 100 : length / rate)
    const taken = (): void => {
      if (overThere) return
      if ((machine.asleep || silent.down) && machine.alive) {
        process.machine.deliver(200, taken)
        return
      }
      buffered -= length
      if (unread && buffered <= unread.cutBytes) {
        drainedSince = true
        excused = false
      }
      if (buffered === 0) session?.drained()
    }
    process.machine.deliver(takenAt - scheduler.now, taken)
  }
  /** The hub looks at what is unread: with too much for too long it cuts the link. */
  const look = (): number => {
    if (!unread || buffered <= unread.cutBytes || watched || excused) return buffered
    watched = true
    drainedSince = false
    process.machine.deliver(unread.slowFor + 1_000, () => {
      watched = false
      if (!overThere && !drainedSince) unread.tooMuch(`${buffered} bytes were left unread for too long`)
    })
    return buffered
  }
  const peer: Peer = {
    id: process.machine.environment.id(),
    get busy() {
      return buffered > 0
    },
    get bufferedBytes() {
      return look()
    },
    send: ({ json }) => {
      if (overThere || !process.machine.act()) return
      const before = buffered
      if (unread && json.length > unread.cutBytes && !json.includes('"type":"messages"')) excused = true
      takeLater(json.length)
      if (unread && before > 4 * unread.cutBytes)
        unread.tooMuch(`${before} bytes were unread when more was sent`)
      down(() => subscriber.next({ type: 'frames', frames: [JSON.parse(json)] }))
    },
    // Behind what was sent before it.
    close: () => {
      if (overThere || !process.machine.act()) return
      down(() => endHere(broken('The hub ended the link.')))
      process.machine.deliver(0, endThere)
    },
  }

  const text = JSON.stringify(frames)
  up(() => {
    session = hub.connect(peer, { token, frames: JSON.parse(text), bytes: text.length })
  })
  subscriber.next({
    type: 'open',
    continuity: 'lost',
    send: (sent) => {
      if (overHere || !machine.act()) return
      const json = JSON.stringify(sent)
      up(() => session?.receive(JSON.parse(json), json.length))
    },
  })
  return () => {
    if (overHere) return
    endHere(undefined)
    if (machine.act()) up(endThere)
  }
}
