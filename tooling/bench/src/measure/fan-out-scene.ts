import type { LoadMethods } from '../load/load-process.ts'
import type { Peer } from '../load/open-client.ts'
import { startWorker } from '../process/worker.ts'
import type { HubMethods } from '../servers/hub-server.ts'

/** Clients that everything goes to. */
const CLIENTS = 1_000

export type FanOutMode = 'burst' | 'loop' | 'single'

/** One server with its clients, each in a process of its own. */
export interface FanOutScene {
  /** Publishes so many messages; resolves when all clients have all of them. */
  run(mode: FanOutMode, count: number): Promise<{ deliveries: number; cpu: number }>
  /** The p99 delay in ms at a steady pace. */
  delays(count: number, perSecond: number): Promise<Float64Array>
  stop(): Promise<void>
}

/**
 * @param server its script, with the methods of a publisher
 * @param peer how its clients speak
 */
export const createFanOutScene = async (
  server: string,
  args: readonly string[],
  peer: Peer,
): Promise<FanOutScene> => {
  const [hub, load] = await Promise.all([
    startWorker<HubMethods>(server, args),
    startWorker<LoadMethods>('load/load-process.ts'),
  ])
  await load.call('open', peer, await hub.call('port'), CLIENTS)
  return {
    run: async (mode, count) => {
      await load.call('expect', count)
      const before = await hub.call('cpu')
      const begun = await hub.call(mode, count)
      const ended = await load.call('received')
      const used = (await hub.call('cpu')) - before
      const deliveries = count * CLIENTS
      return { deliveries: (deliveries / (ended - begun)) * 1e6, cpu: used / deliveries }
    },
    delays: async (count, perSecond) => {
      await load.call('expect', count, true)
      await hub.call('paced', count, perSecond)
      await load.call('received')
      return load.call('delays')
    },
    stop: async () => {
      await Promise.all([hub.stop(), load.stop()])
    },
  }
}
