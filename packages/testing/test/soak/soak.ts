/** `pnpm soak`: the same as the test beside it, for longer, with its numbers. `--rounds 200`, `--clients 20`. */
import { parseArgs } from 'node:util'
import { providers } from '../four-providers/room-transports.ts'
import { growth, runSoak } from './run-soak.ts'

const { values } = parseArgs({
  options: {
    chapters: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '20' },
    clients: { type: 'string', default: '10' },
    channels: { type: 'string', default: '200' },
  },
})
const options = {
  chapters: Number(values.chapters),
  rounds: Number(values.rounds),
  clients: Number(values.clients),
  freshChannels: Number(values.channels),
}
const kB = (bytes: number): string => `${(bytes / 1_000).toFixed(1)} kB`
const both = ({ objects, bytes }: { readonly objects: number; readonly bytes: number }): string =>
  `${objects.toFixed(2)} objects, ${kB(bytes)}`

for (const provider of providers) {
  const { clients, censuses, perName, perNameAfterwards, left, seconds } = await runSoak(provider, options)
  const still = Object.entries(left).filter(([, count]) => count !== 0)
  console.table({
    [provider]: {
      clients,
      'after the first chapter': kB(censuses[0]?.bytes ?? 0),
      'after the last': kB(censuses.at(-1)?.bytes ?? 0),
      'left of each client': both(growth(censuses, options.rounds * options.clients)),
      'for each channel name': both(perName),
      'after its client': both(perNameAfterwards),
      left: still.map(([what, count]) => `${count} ${what}`).join(', ') || 'nothing',
      seconds: Math.round(seconds),
    },
  })
}
