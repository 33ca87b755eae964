import { createServer } from 'node:http'
import { listen, onStop, portsFrom, readPorts } from 'demo-support/server'
import { readHost } from './read-host.ts'
import { startDemo } from './start-demo.ts'
import { startPage } from './start-page.ts'

const emulated = Object.entries({ Pusher: process.env.PUSHER_KEY, Ably: process.env.ABLY_API_KEY })
  .filter(([, key]) => key === undefined)
  .map(([name]) => name)
let ports: { readonly todo: number; readonly whiteboard: number } | undefined
const server = createServer((request, response) => {
  if (request.url !== '/') return response.writeHead(404).end()
  if (!ports) return response.writeHead(503, { 'retry-after': '1' }).end('The demos are starting.')
  const page = startPage({ ...ports, host: readHost(request.headers.host), emulated })
  return response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page)
})
const port = await listen(server, readPorts(3000))

// Each has every other port from ours on for itself. Whoever wants any port gets any port.
const portsOf = (index: number) => (process.env.PORT === '0' ? [0] : portsFrom(port + 1 + index, 2))
const starting = [startDemo('todo', portsOf(0)), startDemo('whiteboard', portsOf(1))] as const

const stop = async (code: number) => {
  server.close()
  server.closeAllConnections()
  const demos = await Promise.allSettled(starting)
  const running = demos.flatMap((demo) => (demo.status === 'fulfilled' ? [demo.value] : []))
  for (const demo of running) demo.stop()
  await Promise.all(running.map(({ ended }) => ended))
  process.exit(code)
}
let stopping = false
onStop(() => {
  stopping = true
  return stop(0)
})

try {
  const [todo, whiteboard] = await Promise.all(starting)
  ports = { todo: todo.port, whiteboard: whiteboard.port }
  console.log(`\nEverything is ready: http://localhost:${port}\n`)
  for (const [name, { ended }] of Object.entries({ todo, whiteboard }))
    void ended.then(() => {
      if (stopping) return
      stopping = true
      console.error(
        `The ${name} demo was killed or failed, so the other one stops too. All is kept: npm start`,
      )
      return stop(1)
    })
} catch (error) {
  if (!stopping) {
    console.error((error as Error).message)
    await stop(1)
  }
}
