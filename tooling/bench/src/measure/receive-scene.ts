import type { ReceiverMethods } from '../clients/receipt.ts'
import { type Methods, startWorker, type Worker } from '../process/worker.ts'

/** One server and one client that handles what it gets, each in a process of its own and on a core of its own. */
export interface ReceiveScene<M extends Methods> {
  readonly server: Worker<M>
  /** Lets the server send so many messages and tells what handling them took. */
  run(count: number, send: (server: Worker<M>) => Promise<unknown>): Promise<{ elapsed: number; cpu: number }>
  stop(): Promise<void>
}

/**
 * @param script of the server
 * @param peer how the client speaks, as the script of the receiver knows it
 */
export const createReceiveScene = async <M extends Methods & { readonly port: () => number }>(
  script: string,
  args: readonly string[],
  peer: string,
  receiver = 'clients/receiver.ts',
): Promise<ReceiveScene<M>> => {
  const server = await startWorker<M>(script, args, 0)
  const port = await (server as unknown as Worker<{ port: () => number }>).call('port')
  const client = await startWorker<ReceiverMethods>(receiver, [peer, port], 1)
  return {
    server,
    run: async (count, send) => {
      await client.call('expect', count)
      await send(server)
      return client.call('received')
    },
    stop: async () => {
      await client.stop()
      await server.stop()
    },
  }
}
