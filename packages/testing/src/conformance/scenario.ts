import { test } from 'vitest'
import { eventually } from '../until.ts'
import type { TransportPair } from './transport-pair.ts'
import { createWorld, type World } from './world.ts'

/** Registers one test in a world of its own. */
export type Scenario = (name: string, run: (world: World) => Promise<void>) => void

const sockets = (): number =>
  process.getActiveResourcesInfo().filter((resource) => resource.startsWith('TCP')).length

/** Each scenario frees all that it used: no server and no socket of it is left. */
export const scenarioOf =
  (pair: TransportPair): Scenario =>
  (name, run) =>
    test(name, async () => {
      const before = sockets()
      const world = createWorld(pair)
      try {
        await run(world)
      } finally {
        await world.close()
      }
      await eventually(() => sockets() <= before, { what: 'The end of every socket that the test opened' })
    })
