import type { Chance } from '../chance.ts'
import type { Endpoint } from '../endpoint.ts'
import type { Authority } from '../history/authority.ts'
import type { LossyProvider } from '../lossy-provider.ts'
import type { Scheduler } from '../scheduler.ts'

/** What the hub and the clients of a simulation stand on. */
export interface Ground {
  readonly scheduler: Scheduler
  readonly chance: Chance
  readonly provider: LossyProvider
  readonly signIn: Authority
  readonly endpoint: Endpoint
  /** Writes a line of the trace. */
  log(line: string): void
  /** Ends the history: `run` throws this. */
  fail(error: unknown): void
}

/** What was not caught, as something that tells where it happened. */
export const uncaught = (name: string, error: unknown): Error =>
  new Error(`${name} threw: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
