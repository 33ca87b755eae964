import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { WebhookEvent } from '../src/index.ts'
import { createClientSdk, createServerSdk, settled, startEmulator, subscribed } from './pusher-sdks.ts'

/** A receiver of webhooks that answers with the given statuses, then with 200. */
const startReceiver = async (statuses: number[] = []) => {
  const bodies: { body: string; headers: Record<string, unknown> }[] = []
  const waiting = new Set<() => void>()
  const http = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString()
    const status = statuses.shift() ?? 200
    if (status === 200) bodies.push({ body, headers: request.headers })
    response.writeHead(status).end()
    for (const check of waiting) check()
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void http.close())
  const events = () => bodies.flatMap(({ body }) => JSON.parse(body).events as WebhookEvent[])
  const received = (name: string) =>
    new Promise<WebhookEvent[]>((resolve) => {
      const check = () => events().some((event) => event.name === name) && resolve(events())
      waiting.add(check)
      check()
    })
  return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, bodies, received }
}

test('everything that happens on a channel is posted, signed, in order', async () => {
  const receiver = await startReceiver()
  const emulator = await startEmulator({ webhooks: { url: receiver.url } })
  const client = createClientSdk(emulator)
  const channel = await subscribed(client, 'presence-cache-board')
  channel.trigger('client-moved', { x: 1 })
  await settled(client)
  const socket_id = client.connection.socket_id
  client.disconnect()
  const of = { channel: 'presence-cache-board' }
  expect(await receiver.received('channel_vacated')).toEqual([
    { name: 'channel_occupied', ...of },
    { name: 'member_added', ...of, user_id: 'ada' },
    { name: 'cache_miss', ...of },
    { name: 'client_event', ...of, event: 'client-moved', data: '{"x":1}', socket_id, user_id: 'ada' },
    { name: 'member_removed', ...of, user_id: 'ada' },
    { name: 'channel_vacated', ...of },
  ])
  const server = createServerSdk(emulator)
  for (const { body, headers } of receiver.bodies) {
    expect(server.webhook({ headers, rawBody: body }).isValid()).toBe(true)
    expect(server.webhook({ headers, rawBody: `${body} ` }).isValid()).toBe(false)
  }
})

test('only those that were asked for are posted, again if they fail', async () => {
  const receiver = await startReceiver([500])
  const emulator = await startEmulator({ webhooks: { url: receiver.url, events: ['channel_vacated'] } })
  const client = createClientSdk(emulator)
  await subscribed(client, 'private-todos')
  client.disconnect()
  expect(await receiver.received('channel_vacated')).toEqual([
    { name: 'channel_vacated', channel: 'private-todos' },
  ])
})
