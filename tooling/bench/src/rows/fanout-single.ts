import type { Row } from '../row.ts'
import { compareFanOut } from './fan-out.ts'
import type { Provider } from './provider.ts'

const targets = { 'socket-io': 1, sse: 1.2 } as const

/** 1 kB JSON to 1,000 clients, one publish for each turn of the event loop. */
export const fanoutSingle = (provider: Provider): Row => {
  const name = `fanout.single.${provider}`
  return {
    name,
    run: async () => {
      const compared = await compareFanOut(provider, 'memory', 'single', { count: 200, runs: 7 })
      const deliveries = compared('deliveries')
      const target = targets[provider]
      return {
        name,
        unit: 'deliveries/s',
        ...deliveries,
        target: `ratio ≥ ${target.toFixed(1)}`,
        met: deliveries.ratio >= target,
        also: [{ name: 'hub CPU per delivery', unit: 'µs', ...compared('cpu') }],
      }
    },
  }
}
