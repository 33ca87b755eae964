import type { LoadMethods } from '../load/load-process.ts'
import type { Peer } from '../load/open-client.ts'
import { median } from '../measure/median.ts'
import { startWorker } from '../process/worker.ts'
import type { Figure, Row } from '../row.ts'
import type { HubMethods } from '../servers/hub-server.ts'
import { baselineServer, type Provider, providers } from './provider.ts'

const clients = 10_000
/** Open before the first look at the memory, so that code and caches do not count. */
const warm = 500
const runs = 3

/** 10,000 idle clients on one process: all held, and the memory that the server needs for each. */
export const connections: Row = {
  name: 'connections',
  run: async () => {
    const also: Figure[] = []
    for (const provider of providers) also.push(await compare(provider))
    const worst = also.reduce((a, b) => ((a.ratio ?? 0) > (b.ratio ?? 0) ? a : b))
    return {
      ...worst,
      name: 'connections',
      target: '10,000 held, ratio ≤ 1.2',
      met: also.every(({ ratio }) => (ratio ?? 2) <= 1.2),
      also,
    }
  },
}

const compare = async (provider: Provider): Promise<Figure> => {
  const ours: number[] = []
  const baseline: number[] = []
  for (let run = 0; run < runs; run++) {
    baseline.push(await memoryOfEach(baselineServer[provider], [], `plain.${provider}`))
    ours.push(await memoryOfEach('servers/hub-server.ts', ['memory'], `hub.${provider}`))
  }
  const value = median(ours)
  const against = median(baseline)
  const name = `memory for each, ${provider}`
  return { name, value, unit: 'kB', baseline: against, ratio: value / against, runs }
}

const memoryOfEach = async (script: string, args: readonly string[], peer: Peer): Promise<number> => {
  const server = await startWorker<HubMethods>(script, args)
  const loads = await Promise.all([1, 2].map(() => startWorker<LoadMethods>('load/load-process.ts')))
  try {
    const port = await server.call('port')
    const open = (count: number) =>
      Promise.all(loads.map((load) => load.call('open', peer, port, count / loads.length)))
    await open(warm)
    const before = await server.call('memory')
    await open(clients - warm)
    const after = await server.call('memory')
    const held = await server.call('connections')
    if (held !== clients) throw new Error(`${held} of ${clients} clients are connected.`)
    return (after - before) / (clients - warm) / 1_000
  } finally {
    await Promise.all([...loads.map((load) => load.stop()), server.stop('SIGKILL')])
  }
}
