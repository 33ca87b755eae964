// Baseline: Server-Sent Events by hand, a loop that writes one shared chunk; in a process of its own.
import { createServer, type ServerResponse } from 'node:http'
import { serveCalls } from '../process/serve-calls.ts'
import { cpu, memory } from '../process/usage.ts'
import { listen } from './listen.ts'
import { createPublisher } from './publisher.ts'

const streams = new Set<ServerResponse>()
const server = createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  response.write('retry: 1000\n\n')
  streams.add(response)
  response.on('close', () => streams.delete(response))
})
const listening = await listen(server)
let id = 0

const methods = {
  port: () => listening,
  connections: () => streams.size,
  cpu,
  memory,
  ...createPublisher((message) => {
    const chunk = Buffer.from(`id: ${++id}\ndata: ${JSON.stringify(message)}\n\n`)
    for (const stream of streams) stream.write(chunk)
  }),
}
export type EventStreamMethods = typeof methods
serveCalls(methods)
