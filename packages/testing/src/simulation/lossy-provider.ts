import {
  type Environment,
  type Opening,
  SynclineError,
  type Transport,
  type TransportEvent,
} from '@syncline/core'
import type { ClientFrame, JoinFrame } from '@syncline/core/protocol'
import { createUplink } from '@syncline/core/uplink'
import { createUplinkSessions, type Gateway } from '@syncline/server'
import { Observable } from 'rxjs'
import type { Chance } from './chance.ts'
import type { Machine } from './machine.ts'
import type { Scheduler } from './scheduler.ts'
import type { Wire, WireUse } from './wire.ts'

interface Connection {
  readonly machine: Machine
  readonly wire: Wire
  readonly use: WireUse
  /** The channels that it may hear, and whose that right is. */
  readonly allowed: Map<string, string>
  readonly channels: Set<string>
  readonly listener: ProviderListener
}

interface ProviderListener {
  message(channel: string, data: unknown): void
  subscribed(channel: string, stands: boolean): void
  unsubscribed(channel: string): void
  closed(): void
}

/**
 * A managed provider that fans out by itself, as Pusher does: what is published may get lost, come twice or out of
 * order. Clients cannot send through it.
 */
export interface LossyProvider {
  /** How probable it is that a message gets lost, comes twice, or is overtaken. */
  lost: number
  doubled: number
  late: number
  /** While set, nothing can be published. */
  down: boolean
  /** Counts what went wrong. */
  readonly faults: { lost: number; doubled: number; late: number }
  gateway(machine: Machine): Gateway
  transport(machine: Machine, wire: Wire): Transport
}

const failed = (detail: string): SynclineError => new SynclineError('transport-failed', { detail })

/** Milliseconds between two looks of the provider's SDK at whether its connection is alive. */
const ACTIVITY = 15_000

/** How much later one comes that is overtaken, in milliseconds at most. */
const LATEST = 300

export const createLossyProvider = ({
  scheduler,
  chance,
  happened = () => {},
}: {
  readonly scheduler: Scheduler
  readonly chance: Chance
  /** Called each time that something could not be published. */
  readonly happened?: (fault: 'provider outage') => void
}): LossyProvider => {
  const connections = new Map<string, Connection>()
  const faults = { lost: 0, doubled: 0, late: 0 }
  let count = 0

  const say = (connection: Connection, delay: number, line: (to: ProviderListener) => void): void => {
    connection.machine.deliver(delay, () => {
      if (!connection.use.silent.down && connections.has(idOf(connection))) line(connection.listener)
    })
  }
  const ids = new WeakMap<Connection, string>()
  const idOf = (connection: Connection): string => ids.get(connection) as string

  const send = (connection: Connection, channel: string, text: string): void => {
    const isLost = chance.happens(provider.lost)
    const times = chance.happens(provider.doubled) ? 2 : 1
    if (isLost) faults.lost++
    else if (times > 1) faults.doubled++
    for (let time = isLost ? times : 0; time < times; time++) {
      const isLate = chance.happens(provider.late)
      if (isLate) faults.late++
      const delay = connection.wire.latency + (isLate ? chance.below(LATEST) : 0)
      say(connection, delay, (to) => to.message(channel, JSON.parse(text)))
    }
  }
  const publish = (machine: Machine, channel: string, text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      if (!machine.act()) return
      scheduler.after(5 + chance.below(20), () => {
        if (provider.down) {
          happened('provider outage')
          machine.deliver(5, () => reject(failed('The provider is down.')))
          return
        }
        for (const connection of connections.values())
          if (connection.channels.has(channel)) send(connection, channel, text)
        machine.deliver(5, () => machine.act() && resolve())
      })
    })

  const connect = (machine: Machine, wire: Wire, listener: ProviderListener): string => {
    const id = `connection-${++count}`
    const silent = { up: false, down: false }
    const use: WireUse = {
      silent,
      broken: () => {
        close(id)
        machine.deliver(0, () => listener.closed())
      },
    }
    const connection = { machine, wire, use, allowed: new Map(), channels: new Set<string>(), listener }
    ids.set(connection, id)
    connections.set(id, connection)
    withdrawals.set(id, [wire.use(use), machine.onDeath(() => close(id))])
    // The provider's SDK notices by itself when nothing moves any more.
    const watch = (): void => {
      machine.deliver(ACTIVITY, () => {
        if (!connections.has(id)) return
        if (silent.up || silent.down) use.broken()
        else watch()
      })
    }
    watch()
    return id
  }
  const withdrawals = new Map<string, (() => void)[]>()
  const close = (id: string): void => {
    connections.delete(id)
    for (const withdraw of withdrawals.get(id) ?? []) withdraw()
    withdrawals.delete(id)
  }
  /** From the client to the provider. */
  const tell = (id: string, then: (connection: Connection) => void): void => {
    const connection = connections.get(id)
    if (!connection?.machine.act()) return
    scheduler.after(connection.wire.latency, () => {
      if (connections.has(id) && !connection.use.silent.up) then(connection)
    })
  }

  const attempt = (machine: Machine, wire: Wire, { token, frames }: Opening, environment: Environment) =>
    new Observable<TransportEvent>((subscriber) => {
      const subscribed = new Set<string>()
      const joining = new Map<string, JoinFrame>()
      let connection: string | undefined
      const uplink = createUplink({
        url: 'http://hub/syncline/lossy',
        environment,
        token,
        onFrames: (received) => subscriber.next({ type: 'frames', frames: received }),
        onError: (error) => subscriber.error(error),
      })
      const forward = (channel: string): void => {
        const join = joining.get(channel)
        joining.delete(channel)
        if (join) uplink.send([join])
      }
      const listener: ProviderListener = {
        message: (channel, data) => {
          if (channel.startsWith('wake-')) uplink.poll()
          else subscriber.next({ type: 'frames', frames: [data] })
        },
        subscribed: (channel, stands) => {
          // What waited before the client could be woken is fetched now.
          if (channel.startsWith('wake-')) return uplink.poll()
          if (stands) subscribed.add(channel)
          forward(channel)
        },
        unsubscribed: (channel) => void subscribed.delete(channel),
        closed: () => subscriber.error(failed('The provider hung up.')),
      }
      const subscribe = (channel: string): void => {
        if (connection === undefined) return
        tell(connection, (to) => {
          const stands = to.allowed.has(channel) || channel.startsWith('wake-')
          if (stands) to.channels.add(channel)
          say(to, wire.latency, (on) => on.subscribed(channel, stands))
        })
      }
      const allow = async (channel: string): Promise<void> => {
        try {
          await uplink.act('allow', { connection, channel })
          subscribe(channel)
        } catch {
          // The hub says why when it is asked to join.
          forward(channel)
        }
      }
      const take = (frame: ClientFrame): void => {
        if (frame.type === 'join' && !subscribed.has(frame.channel)) {
          const known = joining.has(frame.channel)
          joining.set(frame.channel, frame)
          if (!known) void allow(frame.channel)
          return
        }
        if (frame.type === 'leave') {
          joining.delete(frame.channel)
          subscribed.delete(frame.channel)
          const { channel } = frame
          if (connection !== undefined) tell(connection, ({ channels }) => void channels.delete(channel))
        }
        uplink.send([frame])
      }
      const run = async (): Promise<void> => {
        const opened = await uplink.open(frames)
        connection = connect(machine, wire, listener)
        subscribe(`wake-${opened.wake}`)
        subscriber.next({ type: 'open', continuity: 'lost', send: (sent) => sent.forEach(take) })
        subscriber.next({ type: 'frames', frames: opened.frames })
      }
      const cancel = machine.deliver(wire.delay(), () => {
        if (wire.door === 'void') return
        if (wire.door === 'refusing') subscriber.error(failed('Nobody answers.'))
        else run().catch((error) => subscriber.error(error))
      })
      return () => {
        cancel()
        uplink.close()
        if (connection !== undefined) close(connection)
      }
    })

  const provider: LossyProvider = {
    lost: 0,
    doubled: 0,
    late: 0,
    down: false,
    faults,
    gateway: (machine) => {
      const uplink = createUplinkSessions({
        name: 'lossy',
        wake: ({ wakeId }) => publish(machine, `wake-${wakeId}`, '0'),
        actions: {
          allow: async (session, { connection, channel }) => {
            const { subject } = await session.grant(String(channel))
            connections.get(String(connection))?.allowed.set(String(channel), subject)
            return { allowed: true }
          },
        },
      })
      return {
        name: 'lossy',
        routes: uplink.routes,
        start: uplink.start,
        stop: uplink.stop,
        publish: (channel, { json }) => publish(machine, channel, json),
        revoke: async (subject, channel) => {
          for (const connection of connections.values())
            for (const [name, owner] of connection.allowed)
              if (owner === subject && (channel === undefined || channel === name)) {
                connection.allowed.delete(name)
                connection.channels.delete(name)
                say(connection, connection.wire.latency, (to) => to.unsubscribed(name))
              }
        },
      }
    },
    transport: (machine, wire) => ({
      kind: 'hub',
      name: 'lossy',
      open: (environment) => ({
        attempt: (opening) => attempt(machine, wire, opening, environment),
        dispose: () => {},
      }),
    }),
  }
  return provider
}
