import { Agent, createServer } from 'node:http'
import { type PusherEmulator, type PusherEmulatorOptions, startPusherEmulator } from '@syncline/emulator'
import { createHandler, type Gateway, toNodeHandler } from '@syncline/server'
import { createStubHub, listen, outgoing, welcome } from '@syncline/testing/adapter'
import Pusher from 'pusher'
import { onTestFinished } from 'vitest'
import { pusherGateway } from '../src/hub/index.ts'
import type { PusherOptions } from '../src/index.ts'

/** An emulator that ends with its test. */
export const startEmulator = async (options?: PusherEmulatorOptions): Promise<PusherEmulator> => {
  const emulator = await startPusherEmulator(options)
  onTestFinished(() => emulator.close())
  return emulator
}

/** Where an emulator listens, and as whom it knows the app. */
export interface Place {
  readonly host?: string
  readonly port: number
  readonly key?: string
}

/** The server SDK for an emulator. */
export const createServerSdk = ({ host = '127.0.0.1', port }: Place, changes = {}): Pusher =>
  new Pusher({
    appId: 'app',
    key: 'key',
    secret: 'secret',
    host,
    port: String(port),
    useTLS: false,
    encryptionMasterKeyBase64: Buffer.alloc(32, 7).toString('base64'),
    // Node's own keeps connections open, and a test that counts sockets would see them.
    agent: new Agent({ keepAlive: false }),
    ...changes,
  })

/** Options of the transport, or the plain one, for an emulator. */
export const clientOptions = ({ host = '127.0.0.1', port, key = 'key' }: Place): PusherOptions => ({
  key,
  wsHost: host,
  wsPort: port,
  forceTLS: false,
  enabledTransports: ['ws'],
})

/** Serves a gateway's routes on a real HTTP server, as the hub's handler does, without a hub. */
export const serveGateway = async (gateway: Gateway): Promise<string> => {
  const handler = createHandler({
    routes: gateway.routes ?? {},
    health: () => ({ ok: true }),
    maxBytes: 2 ** 20,
    report: (error) => {
      throw error
    },
  })
  const server = createServer(toNodeHandler(handler))
  const url = await listen(server, 0)
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return `${url}/syncline`
}

/** A stub hub that welcomes everybody, behind a gateway on a server. */
export const startStub = async (
  emulator: PusherEmulator,
  {
    sdk = {},
    encrypted = false,
    ...on
  }: Parameters<typeof createStubHub>[0] & { sdk?: object; encrypted?: boolean } = {},
) => {
  const hub = createStubHub({
    connect: ({ peer }) => peer.send(outgoing(welcome)),
    ...on,
  })
  const server = createServerSdk(emulator, sdk)
  const gateway = pusherGateway({ pusher: server, encrypted })
  gateway.start(hub)
  onTestFinished(() => gateway.stop())
  return { hub, gateway, server, url: await serveGateway(gateway) }
}
