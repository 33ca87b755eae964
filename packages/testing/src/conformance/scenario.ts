import { test } from 'vitest'
import { eventually } from '../until.ts'
import type { TransportPair } from './transport-pair.ts'
import { createWorld, type World } from './world.ts'

type Register = (name: string, run: (world: World) => Promise<void>) => void

/** Registers one test in a world of its own. */
export interface Scenario extends Register {
  /** One that fails a device's way to the provider too: skipped where the suite has no hold on that. */
  readonly failsProvider: Register
  /** One about a link whose bytes wait at the hub: skipped where they wait at the provider. */
  readonly hubHoldsLinks: Register
}

const sockets = (): number =>
  process.getActiveResourcesInfo().filter((resource) => resource.startsWith('TCP')).length

/** Each scenario frees all that it used: no server and no socket of it is left. */
const inWorld = async (pair: TransportPair, run: (world: World) => Promise<void>): Promise<void> => {
  const before = sockets()
  const world = createWorld(pair)
  try {
    await run(world)
  } finally {
    await world.close()
  }
  await eventually(() => sockets() <= before, { what: 'The end of every socket that the test opened' })
}

export const scenarioOf = (pair: TransportPair): Scenario => {
  const { provider, service } = pair
  const limit = service?.timeout === undefined ? {} : { timeout: service.timeout }
  const register: Register = (name, run) => test(name, limit, () => inWorld(pair, run))
  const skipped =
    (why: string): Register =>
    (name) =>
      test(name, (context) => context.skip(why))
  return Object.assign(register, {
    failsProvider: service
      ? skipped('It fails the way to the provider, which is the internet here.')
      : register,
    hubHoldsLinks:
      provider || service
        ? skipped('What a client does not read waits at the provider here: the hub cannot see it.')
        : register,
  })
}
