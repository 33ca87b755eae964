/** `pnpm soak`: the same as the test beside it, for longer, with its numbers. `--rounds 200`, `--clients 20`. */
import { parseArgs } from 'node:util'
import { providers } from '../four-providers/room-transports.ts'
import { growth, runSoak } from './run-soak.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '60' },
    clients: { type: 'string', default: '10' },
    channels: { type: 'string', default: '200' },
  },
})
const options = {
  rounds: Number(values.rounds),
  clients: Number(values.clients),
  freshChannels: Number(values.channels),
}
const kB = (bytes: number): string => `${(bytes / 1_000).toFixed(1)} kB`

for (const provider of providers) {
  const since = performance.now()
  const { heaps, bareHeaps, perName, perNameAfterwards, undead, counts } = await runSoak(provider, options)
  const left = [...Object.entries(undead), ...Object.entries(counts)].filter(([, count]) => count !== 0)
  console.table({
    [provider]: {
      'heap, first round': kB(heaps[0] ?? 0),
      'heap, last round': kB(heaps.at(-1) ?? 0),
      'growth in a round': kB(growth(heaps)),
      'of the SDK alone': kB(growth(bareHeaps)),
      'for each channel name': kB(perName),
      'after its client': kB(perNameAfterwards),
      left: left.map(([what, count]) => `${count} ${what}`).join(', ') || 'nothing',
      seconds: Math.round((performance.now() - since) / 1_000),
    },
  })
}
