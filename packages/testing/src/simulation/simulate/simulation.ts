import { type Chance, createChance } from '../chance.ts'
import { type Authority, createAuthority } from '../history/authority.ts'
import { createLossyProvider, type LossyProvider } from '../lossy-provider.ts'
import type { Scheduler } from '../scheduler.ts'
import { drawStep } from './chaos.ts'
import { createClockwork, textOf } from './clockwork.ts'
import { faultActs, ofClients, type SimulatedFault, usualFaults } from './faults.ts'
import type { Ground } from './ground.ts'
import { heal, restless, revive } from './settle.ts'
import {
  type ClientParts,
  createSimulatedClient,
  type SimulatedApp,
  type SimulatedClient,
  type SimulatedClientOptions,
} from './simulated-client.ts'
import { type AnyHub, createSimulatedHub, type HubParts, type SimulatedHub } from './simulated-hub.ts'

export interface ChaosOptions {
  /**
   * One thing that users do, as `chance` says. Not awaited: time passes only between two steps.
   *
   * @param step counts from 1: with it ids are the same in each run
   */
  readonly act: (chance: Chance, step: number) => void
  /** Acts and faults together. Default 40. */
  readonly steps?: number
  /** What may happen meanwhile. Default `usualFaults`. */
  readonly faults?: readonly SimulatedFault[]
}

/** A whole system in one process and in virtual time, which does the same for the same seed. */
export interface Simulation {
  readonly seed: number
  /** Milliseconds since 1970. */
  readonly now: number
  /** Chance from the seed, for what the history itself draws. */
  readonly chance: Chance
  /** Starts the hub. Once for each simulation: its processes come and go by `kill`, `start` and `restart`. */
  hub<H extends AnyHub>(create: (parts: HubParts) => H): SimulatedHub<H>
  /** Opens a client. Its name is the identity of its user, where none is given. */
  client<A extends SimulatedApp>(
    name: string,
    create: (parts: ClientParts) => A,
    options?: SimulatedClientOptions,
  ): SimulatedClient<A>
  /** What clients over `lossy` go through: set how much gets `lost`, `doubled` and `late`, and whether it is `down`. */
  readonly provider: Pick<LossyProvider, 'lost' | 'doubled' | 'late' | 'down'>
  /**
   * Where clients get their tokens: set their `life` in milliseconds, and `trouble`. Without it tokens hold as the seed
   * says: mostly for ever, else for 20 to 60 s.
   */
  readonly signIn: Pick<Authority, 'life' | 'trouble'>
  /** Checks after every event from now on: what it throws ends the history. */
  always(check: () => void): void
  /** Lets so many milliseconds pass. */
  run(ms: number): Promise<void>
  /** Lets users act and faults happen, in an order and at times that the seed says. */
  chaos(options: ChaosOptions): Promise<void>
  /**
   * Ends all faults, starts what died, and waits until every client is connected and has nothing left to send, and
   * until `check` does not throw any more.
   *
   * @param within virtual milliseconds after which it gives up. Default 180,000.
   */
  settle(check?: () => void, within?: number): Promise<void>
  /** Writes a line of the app's own into the trace. */
  log(line: string): void
}

/** A simulation with what `simulate` needs of it. */
export interface SimulationRun extends Simulation {
  readonly trace: readonly string[]
  /** The steps of `chaos` that were taken. */
  readonly taken: readonly number[]
  /** Ends every program. */
  end(): void
}

/** Milliseconds. */
const SETTLES_WITHIN = 180_000

/** Tokens hold as chance says: mostly for ever. */
const createSignIn = (scheduler: Scheduler, chance: Chance): Authority => {
  const signIn = createAuthority(scheduler)
  if (chance.happens(0.25)) signIn.life = chance.between(20, 60) * 1_000
  return signIn
}

/** @param kept the steps of `chaos` that happen; undefined: all */
export const createSimulation = (seed: number, kept?: ReadonlySet<number>): SimulationRun => {
  const clockwork = createClockwork()
  const { scheduler, run, log } = clockwork
  const chance = createChance(seed).fork('simulation')
  const taken: number[] = []
  const clients: SimulatedClient[] = []
  const signIn = createSignIn(scheduler, chance.fork('tokens'))
  const provider = createLossyProvider({ scheduler, chance: chance.fork('provider') })
  const ground: Ground = { ...clockwork, chance, provider, signIn, endpoint: { process: undefined } }
  let hub: SimulatedHub | undefined
  let steps = 0
  let round = 0

  const later = (ms: number, end: () => void): void => {
    const current = round
    scheduler.after(ms, () => current === round && end())
  }

  const chaos = async ({ act, steps: most = 40, faults = usualFaults }: ChaosOptions): Promise<void> => {
    const last = steps + most
    while (steps < last) {
      const step = ++steps
      const { after, fault, chance: own } = drawStep(chance.fork(`step ${step}`), faults)
      await run(after)
      if (kept && !kept.has(step)) continue
      taken.push(step)
      if (fault === undefined) {
        log(`— step ${step}: act`)
        act(own, step)
      } else if (hub && clients.length > 0) {
        const client = own.pick(clients)
        log(`— step ${step}: ${fault}${ofClients.has(fault) ? ` of ${client.name}` : ''}`)
        faultActs[fault]({ hub, client, provider, signIn, chance: own, later })
      }
    }
  }

  const settle = async (check = (): void => {}, within = SETTLES_WITHIN): Promise<void> => {
    round++
    log('— all faults end')
    const patients = { hub, clients, provider, signIn }
    heal(patients)
    const until = scheduler.now + within
    for (;;) {
      revive(patients)
      await run(2_000)
      const reason = restless(patients)
      const error = reason === undefined ? thrownBy(check) : new Error(reason)
      if (!error) return
      if (scheduler.now < until) continue
      const seconds = within / 1_000
      throw new Error(`${seconds} s after the last fault: ${textOf(error)}`, { cause: error })
    }
  }

  return {
    seed,
    chance,
    provider,
    signIn,
    trace: clockwork.trace,
    taken,
    get now() {
      return scheduler.now
    },
    hub: (create) => {
      if (hub) throw new TypeError('A simulation has one hub: start(create) gives it another version.')
      const made = createSimulatedHub(ground, create)
      hub = made
      made.start()
      return made
    },
    client: (name, create, options) => {
      const made = createSimulatedClient(ground, name, create, options)
      clients.push(made as SimulatedClient)
      made.open()
      return made
    },
    always: clockwork.always,
    run,
    chaos,
    settle,
    log,
    end: () => {
      clockwork.end()
      for (const client of clients) client.kill()
      hub?.kill()
    },
  }
}

const thrownBy = (check: () => void): unknown => {
  try {
    check()
    return undefined
  } catch (error) {
    return error ?? new Error('The check threw nothing.')
  }
}
