import { createHub, type Hub, type Limits, type LogFields, type Logger } from '@syncline/server'
import type { Chance } from '../chance.ts'
import { directGateway } from '../direct-link.ts'
import type { Endpoint, HubProcess } from '../endpoint.ts'
import type { HubDisk, HubTables } from '../hub-disk.ts'
import type { LossyProvider } from '../lossy-provider.ts'
import { createMachine, type Machine } from '../machine.ts'
import type { Scheduler } from '../scheduler.ts'
import { type Contracts, contractsOf, serveApp, type User } from './app.ts'
import type { Authority } from './authority.ts'
import type { Earliest } from './earliest.ts'
import type { FaultKind } from './fault-kinds.ts'
import type { Truth } from './truth.ts'
import { watchReads } from './watch-reads.ts'

/** The hub's options of one history. */
export interface HubSettings {
  readonly heartbeat: number
  readonly grace: number
  readonly retention: number
  readonly handlerTimeout: number
  readonly limits: Partial<Limits>
  readonly laterSchemas: boolean
}

export interface HubHostContext {
  readonly scheduler: Scheduler
  readonly chance: Chance
  readonly disk: HubDisk
  readonly truth: Truth
  readonly provider: LossyProvider
  readonly endpoint: Endpoint
  readonly settings: HubSettings
  readonly authority: Authority
  /** What may be seen of a channel at the earliest. */
  earliest(channel: string): Earliest | undefined
  log(line: string): void
  ran(writeId: string, subject: string): number
  happened(fault: FaultKind): void
  /** The hub reported what must not happen, or an exception was not caught. */
  broken(message: string): void
  /** The hub did, or keeps, more than it should. */
  overran(message: string): void
}

export interface RunningHub {
  readonly hub: Hub<HubTables, User>
  readonly machine: Machine
  readonly contracts: Contracts
  readonly startedAt: number
}

/** Runs one hub after the other on one disk. */
export interface HubHost {
  readonly running: RunningHub | undefined
  /** All that are alive: one that was fenced off may still be. */
  readonly alive: readonly RunningHub[]
  /** Starts a process and sends new connections to it; an older one stays as it is. */
  start(version: 1 | 2, skew?: number): void
  /** Once everybody has left: what it keeps in memory is within its bounds. */
  checkBounds(): void
  /** Ends it in peace. */
  close(): void
}

const bugs = /threw|followed up/

const loggerOf = ({ log, broken }: HubHostContext, machine: Machine): Logger => {
  const at =
    (level: string) =>
    ({ error, code }: LogFields, message: string): void => {
      if (!machine.alive) return
      const reason = error instanceof Error ? `: ${error.message.slice(0, 160)}` : ''
      log(`${machine.name} ${level}: ${message}${code ? ` (${code})` : ''}${reason}`)
      if (level === 'error' && bugs.test(message))
        broken(`${message}: ${error instanceof Error ? error.stack : String(error)}`)
    }
  return { debug: () => {}, info: at('info'), warn: at('warn'), error: at('error') }
}

export const createHubHost = (context: HubHostContext): HubHost => {
  const { scheduler, chance, disk, truth, provider, endpoint, settings, authority } = context
  let count = 0
  let running: RunningHub | undefined
  let all: RunningHub[] = []

  const start = (version: 1 | 2, skew = 0): void => {
    const name = `hub${++count}`
    const machine = createMachine({
      name,
      scheduler,
      chance: chance.fork(name),
      skew,
      threw: (error) =>
        context.broken(`${name} threw: ${error instanceof Error ? error.stack : String(error)}`),
    })
    const process: HubProcess = { machine, gatewayHub: undefined, handler: undefined }
    const contracts = contractsOf(version, settings.laterSchemas, 'hub')
    const { heartbeat, grace, retention, handlerTimeout, limits } = settings
    const hub = createHub<HubTables, User>({
      environment: machine.environment,
      store: watchReads(
        disk.store(machine),
        (most) => most !== (limits.fanOutMessages ?? 64),
        (page) => context.overran(`${name} reads ${page} twice at a time`),
      ),
      gateways: [directGateway(process), provider.gateway(machine)],
      authenticate: ({ token }) => authority.verify(token, machine),
      logger: loggerOf(context, machine),
      heartbeat,
      handlerTimeout,
      retention: { count: retention },
      limits,
      presence: { grace },
    })
    process.handler = hub.handler
    serveApp({
      hub,
      machine,
      chance: chance.fork(`${name} app`),
      truth,
      contracts,
      ran: context.ran,
      happened: context.happened,
      earliest: context.earliest,
    })
    hub.ready.catch(() => {
      // A process whose store does not open is started again by whoever runs it.
      machine.deliver(500, () => {
        if (running?.machine !== machine) return
        machine.kill()
        start(version, skew)
      })
    })
    endpoint.process = process
    running = { hub, machine, contracts, startedAt: scheduler.now }
    all.push(running)
    context.log(`${name} starts with version ${version} of the contract`)
  }

  return {
    get running() {
      return running?.machine.alive ? running : undefined
    },
    get alive() {
      all = all.filter(({ machine }) => machine.alive)
      return all
    },
    start,
    checkBounds: () => {
      if (!running?.machine.alive) return
      const { machine, hub } = running
      const { channels, connections, presence } = hub.health()
      // Of a client that vanished on an uplink the hub hears later.
      if (connections > 0) return
      const most = Math.max(1, settings.limits.idleChannels ?? 1_000)
      if (channels > most)
        context.overran(`${machine.name} keeps ${channels} channels that nobody is on, ${most} at most`)
      if (presence > 0)
        context.overran(`${machine.name} keeps the presence of ${presence} channels that nobody is on`)
    },
    close: () => {
      const closing = running
      if (!closing?.machine.alive) return
      const { hub, machine } = closing
      void hub
        .close({ within: 2_000, retryAfter: 500 })
        .catch((error) => context.broken(`${machine.name} could not close: ${String(error)}`))
        .then(() => {
          if (machine.alive && machine.timers > 0)
            context.broken(`${machine.name} left ${machine.timers} timers when it closed`)
          machine.kill()
        })
    },
  }
}
