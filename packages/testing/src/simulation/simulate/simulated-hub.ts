import type { Credentials, Gateway, Hub, HubOptions, HubStore, Logger } from '@syncline/server'
import { directGateway } from '../direct-link.ts'
import type { HubProcess } from '../endpoint.ts'
import { createHubDisk, type HubDisk, type HubTables } from '../hub-disk.ts'
import { createMachine, type Machine } from '../machine.ts'
import { type Ground, uncaught } from './ground.ts'

/** Whose a link is: the identity of the client at its other end. */
export interface SimulatedUser {
  readonly id: string
  readonly expiresAt?: number | undefined
}

/** What a simulated hub is made with: `createHub({ ...parts, retention })`. */
export interface HubParts {
  /** Its clock, timers, chance and ids. Handlers that wait, draw or make ids use it too: that is what one seed repeats. */
  readonly environment: Machine['environment']
  /** On the simulated disk. Handlers get its tables as `db`; a `transaction` handler's changes are in the commit. */
  readonly store: HubStore<HubTables>
  /** An ordered link, and a lossy provider with an uplink. */
  readonly gateways: readonly Gateway[]
  /** Knows the tokens that clients are given. */
  readonly authenticate: (credentials: Credentials) => SimulatedUser
  /** Writes warnings and errors to the trace. */
  readonly logger: Logger
}

/** A hub as the simulation needs it: what `createHub` returns, whatever its users and tables are. */
export type AnyHub = Pick<Hub<HubTables, SimulatedUser>, 'handler' | 'ready' | 'close'>

/** The hub of a simulation: one process after the other, on one disk. */
export interface SimulatedHub<H extends AnyHub = AnyHub> {
  /** The process that runs; undefined between two. */
  readonly hub: H | undefined
  readonly machine: Machine | undefined
  /** The tables as they are durable: what handlers get as `db`. */
  readonly db: ReadonlyMap<string, unknown>
  /** Its disk: set `down`, or `latency`. */
  readonly disk: HubDisk
  /** Starts a process, if none runs. With `create`: a new version of it, this time and from then on. */
  start(create?: (parts: HubParts) => H): void
  /** Dies, now or just before it touches disk or network for the `acts`-th time from now on. `start` begins another. */
  kill(acts?: number): void
  /** Is closed in peace, and starts again. */
  restart(): void
  /** Its clock is ahead by so many milliseconds more, in later processes too. */
  clock(ms: number): void
  /** Remembers what is durable now. */
  backup(): void
  /** Dies, and starts on what the last `backup` remembered; without one it remembers now. */
  restore(): void
  /** Dies, and starts on an empty disk. */
  lose(): void
}

interface Running<H> {
  readonly machine: Machine
  readonly hub: H
}

const loggerOf = ({ log }: Ground, machine: Machine): Logger => {
  const at =
    (level: string): Logger['warn'] =>
    ({ error, code }, message) => {
      if (!machine.alive) return
      const reason = error instanceof Error ? `: ${error.message}` : ''
      log(`${machine.name} ${level}: ${message}${code ? ` (${code})` : ''}${reason}`)
    }
  return { debug: () => {}, info: () => {}, warn: at('warns'), error: at('reports') }
}

/** Milliseconds until a process that died or was closed is replaced. */
const PAUSE = 300

export const createSimulatedHub = <H extends AnyHub>(
  ground: Ground,
  create: (parts: HubParts) => H,
): SimulatedHub<H> => {
  const { scheduler, chance, provider, signIn, endpoint, log, fail } = ground
  const disk = createHubDisk({
    chance: chance.fork('hub disk'),
    committed: ({ appended, answer, stream }) => {
      for (const { channel, messages } of appended)
        for (const { seq, json } of messages) log(`committed ${channel} ${seq} ${json}`)
      if (answer) log(`answered ${stream?.subject}: ${answer.outcome.type}`)
    },
  })
  let count = 0
  let skew = 0
  let goBack: (() => void) | undefined
  let running: Running<H> | undefined
  const alive = (): Running<H> | undefined => (running?.machine.alive ? running : undefined)

  const start = (version = create): void => {
    create = version
    if (alive()) return
    const name = `hub.${++count}`
    const machine = createMachine({
      name,
      scheduler,
      chance: chance.fork(name),
      skew,
      threw: (error) => fail(uncaught(name, error)),
    })
    const process: HubProcess = { machine, gatewayHub: undefined, handler: undefined }
    machine.onDeath(() => log(`${name} dies`))
    log(`${name} starts`)
    const hub = create({
      environment: machine.environment,
      store: disk.store(machine),
      gateways: [directGateway(process), provider.gateway(machine)],
      authenticate: ({ token }) => signIn.verify(token, machine),
      logger: loggerOf(ground, machine),
    } satisfies HubOptions<HubTables, SimulatedUser>)
    process.handler = hub.handler
    endpoint.process = process
    running = { machine, hub }
    // Whoever runs it starts it again when its store does not open.
    hub.ready.catch(() => machine.deliver(PAUSE, replace))
  }
  const replace = (change = (): void => {}): void => {
    running?.machine.kill()
    change()
    scheduler.after(PAUSE, () => start())
  }

  return {
    get hub() {
      return alive()?.hub
    },
    get machine() {
      return alive()?.machine
    },
    get db() {
      return disk.tables
    },
    disk,
    start,
    kill: (acts = 0) => {
      const machine = alive()?.machine
      if (acts > 0) machine?.killAfter(acts)
      else machine?.kill()
    },
    restart: () => {
      const closing = alive()
      if (!closing) return
      const { hub, machine } = closing
      log(`${machine.name} closes`)
      void hub
        .close({ within: 2_000, retryAfter: 500 })
        .catch((error) => fail(uncaught(machine.name, error)))
        .then(() => {
          if (running === closing && machine.alive) replace()
        })
    },
    clock: (ms) => {
      skew += ms
      const machine = alive()?.machine
      if (machine) machine.skew += ms
    },
    backup: () => {
      goBack = disk.backup()
    },
    restore: () => {
      const back = goBack ?? disk.backup()
      goBack = back
      replace(back)
    },
    lose: () => replace(() => disk.wipe()),
  }
}
