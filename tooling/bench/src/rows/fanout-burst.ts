import { join } from 'node:path'
import { createScratch } from '../measure/scratch.ts'
import type { Row } from '../row.ts'
import { compareFanOut } from './fan-out.ts'
import type { Provider } from './provider.ts'

/** Fewer than the hub keeps in memory, so that no client ever has to fetch. */
const count = 640
const runs = 5

/** 1 kB JSON to 1,000 clients, published as fast as the server takes it. */
export const fanoutBurst = (provider: Provider): Row => {
  const name = `fanout.burst.${provider}`
  return {
    name,
    run: async () => {
      const memory = await compareFanOut(provider, 'memory', 'burst', { count, runs })
      const loop = await compareFanOut(provider, 'memory', 'loop', { count, runs: 3 })
      const scratch = createScratch()
      const sqlite = await compareFanOut(provider, join(scratch.path, 'hub.db'), 'burst', { count, runs: 3 })
      scratch.remove()
      const deliveries = memory('deliveries')
      return {
        name,
        unit: 'deliveries/s',
        ...deliveries,
        target: 'ratio ≥ 8 (floor 5)',
        met: deliveries.ratio >= 8,
        also: [
          { name: 'hub CPU per delivery', unit: 'µs', ...memory('cpu') },
          { name: 'published in one loop', unit: 'deliveries/s', ...loop('deliveries') },
          { name: 'with SQLite', unit: 'deliveries/s', ...sqlite('deliveries') },
          { name: 'with SQLite, hub CPU per delivery', unit: 'µs', ...sqlite('cpu') },
        ],
      }
    },
  }
}
