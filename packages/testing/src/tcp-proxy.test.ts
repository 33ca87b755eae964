import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTcpProxy, type TcpProxy } from './tcp-proxy.ts'
import { eventually } from './until.ts'

let server: Server
let proxy: TcpProxy
const accepted: Socket[] = []
const clients: Socket[] = []

/** Sends back what it gets. */
beforeEach(async () => {
  server = createServer((socket) => {
    accepted.push(socket)
    socket.on('error', () => {})
    socket.pipe(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  proxy = await createTcpProxy({ target: () => (server.address() as AddressInfo).port })
})
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy()
  await proxy.close()
  await new Promise((resolve) => server.close(resolve))
  accepted.length = 0
  expect(proxy.connections).toBe(0)
})

const dial = async () => {
  const socket = connect(proxy.port, '127.0.0.1')
  clients.push(socket)
  const seen = { text: '', closed: false, error: '' }
  socket.on('data', (chunk) => {
    seen.text += chunk
  })
  socket.on('error', (error) => {
    seen.error = (error as NodeJS.ErrnoException).code ?? ''
  })
  socket.on('close', () => {
    seen.closed = true
  })
  return { socket, seen }
}
const echo = async ({ socket, seen }: Awaited<ReturnType<typeof dial>>, text: string) => {
  const before = seen.text
  socket.write(text)
  await eventually(() => seen.text === before + text, { what: `The echo of ${text}` })
}

test('passes on what comes, in both directions, and the end of either', async () => {
  const client = await dial()
  await echo(client, 'a')
  expect(proxy.connections).toBe(1)
  accepted[0]!.end()
  await eventually(() => client.seen.closed)
  await eventually(() => proxy.connections === 0)
})

test('cut breaks what is open at once; new connections pass', async () => {
  const client = await dial()
  await echo(client, 'a')
  proxy.cut()
  await eventually(() => client.seen.closed && accepted[0]!.destroyed)
  await echo(await dial(), 'b')
})

test('refuse turns new connections away until accept', async () => {
  proxy.refuse()
  const refused = await dial()
  await eventually(() => refused.seen.closed)
  expect(accepted).toHaveLength(0)
  proxy.accept()
  await echo(await dial(), 'a')
})

test('pause makes a half-open link: nothing moves and neither end is told', async () => {
  const client = await dial()
  await echo(client, 'a')
  proxy.pause()
  client.socket.write('b')
  await echo(await dial(), 'c')
  expect(client.seen).toMatchObject({ text: 'a', closed: false })
  proxy.resume()
  await eventually(() => client.seen.text === 'ab')
  proxy.pause()
  client.socket.destroy()
  await echo(await dial(), 'd')
  expect(accepted[0]!.destroyed).toBe(false)
  proxy.resume()
  await eventually(() => accepted[0]!.destroyed)
})

test('one direction can be paused alone', async () => {
  const client = await dial()
  await echo(client, 'a')
  proxy.pause('down')
  let arrived = 0
  accepted[0]!.on('data', () => {
    arrived++
  })
  client.socket.write('b')
  await eventually(() => arrived === 1)
  expect(client.seen.text).toBe('a')
  proxy.resume()
  await eventually(() => client.seen.text === 'ab')
})

test('delay holds every byte back', async () => {
  const client = await dial()
  await echo(client, 'a')
  proxy.delay(40)
  const before = performance.now()
  await echo(client, 'b')
  expect(performance.now() - before).toBeGreaterThanOrEqual(79)
})
