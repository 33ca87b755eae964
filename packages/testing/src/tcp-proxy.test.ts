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

test('passed tells of the next delivery in its direction', async () => {
  const client = await dial()
  const order: string[] = []
  const passed = [
    proxy.passed('down').then(() => order.push('down')),
    proxy.passed('up').then(() => order.push('up')),
  ]
  await echo(client, 'a')
  await Promise.all(passed)
  expect(order).toEqual(['up', 'down'])
})

test('delay holds every byte back', async () => {
  const client = await dial()
  await echo(client, 'a')
  proxy.delay(40)
  const before = performance.now()
  await echo(client, 'b')
  expect(performance.now() - before).toBeGreaterThanOrEqual(79)
})

test('a delay can hold for one direction, and nothing overtakes what it holds back', async () => {
  proxy.delay(40, 'down')
  const client = await dial()
  client.socket.write('a')
  await eventually(() => accepted[0]?.bytesRead === 1)
  proxy.delay(0)
  client.socket.end('b')
  await eventually(() => client.seen.closed)
  expect(client.seen).toMatchObject({ text: 'ab', error: '' })
})

test('truncate passes the beginning of a delivery on, then its receiver reads the end', async () => {
  const client = await dial()
  await echo(client, 'a')
  let ended = false
  accepted[0]!.on('end', () => {
    ended = true
  })
  const happened = proxy.truncate('up', () => 2)
  client.socket.write('bcde')
  await happened
  await eventually(() => ended && client.seen.closed)
  expect(accepted[0]!.bytesRead).toBe(3)
  expect(client.seen.error).toBe('ECONNRESET')
  await echo(await dial(), 'f')
})

test('truncate downwards leaves the client with a part and a clean end', async () => {
  const client = await dial()
  const happened = proxy.truncate('down')
  client.socket.write('abcd')
  await happened
  await eventually(() => client.seen.closed && accepted[0]!.destroyed)
  expect(client.seen).toMatchObject({ text: 'ab', error: '' })
})

test('corrupt turns one bit of the next delivery over', async () => {
  const client = await dial()
  client.socket.setEncoding('latin1')
  const happened = proxy.corrupt('up', () => 1)
  client.socket.write('abc')
  await happened
  await eventually(() => client.seen.text === 'a\xe2c')
  await proxy.close()
})

test('halfClose ends one direction; the other goes on, and nobody is told', async () => {
  const client = await dial()
  await echo(client, 'a')
  accepted[0]!.unpipe()
  accepted[0]!.resume()
  const ends: string[] = []
  client.socket.on('end', () => ends.push('client'))
  accepted[0]!.on('end', () => ends.push('server'))
  const server = accepted[0]!
  server.allowHalfOpen = true
  proxy.halfClose('up')
  await eventually(() => ends.length === 1)
  client.socket.write('into the void')
  server.write('b')
  await eventually(() => client.seen.text === 'ab')
  expect(ends).toEqual(['server'])
  expect([server.bytesRead, client.seen.closed]).toEqual([1, false])
  server.end()
})
