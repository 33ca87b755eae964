import type { WriterMethods } from '../clients/writer.ts'
import { startWorker } from '../process/worker.ts'
import type { HubMethods } from '../servers/hub-server.ts'

/** One server and one client that writes, each in a process of its own. */
export interface WriteScene {
  /** Accepted writes a second. */
  run(count: number): Promise<{ rate: number; cpu: number }>
  stop(): Promise<void>
}

export const createWriteScene = async (
  script: string,
  args: readonly string[],
  peer: 'hub' | 'plain',
): Promise<WriteScene> => {
  const server = await startWorker<HubMethods>(script, args)
  const client = await startWorker<WriterMethods>('clients/writer.ts', [peer, await server.call('port')])
  return {
    run: async (count) => {
      const before = await server.call('cpu')
      const rate = await client.call('run', count)
      return { rate, cpu: ((await server.call('cpu')) - before) / count }
    },
    stop: async () => {
      await client.stop()
      await server.stop()
    },
  }
}
