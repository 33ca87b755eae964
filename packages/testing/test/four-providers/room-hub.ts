import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { ablyGateway } from '@syncline/ably/hub'
import { pusherGateway } from '@syncline/pusher/hub'
import {
  createHub,
  type Hub,
  type HubEnvironment,
  type HubOptions,
  type HubStore,
  type Identity,
  toNodeHandler,
} from '@syncline/server'
import { socketIoGateway } from '@syncline/socket-io/hub'
import { sseGateway } from '@syncline/sse/hub'
import Ably from 'ably'
import PusherServer from 'pusher'
import { Server as SocketIoServer } from 'socket.io'
import { localAbly } from './room-transports.ts'

/** Where the two managed providers are, and how the hub proves itself to them: fit for a command line. */
export interface ManagedProviders {
  readonly pusher: {
    readonly appId: string
    readonly key: string
    readonly secret: string
    readonly port: number
  }
  readonly ably: { readonly key: string; readonly port: number }
}

export interface RoomHubOptions<Db> {
  readonly store: HubStore<Db>
  readonly managed: ManagedProviders
  /** 0: any that is free. */
  readonly port: number
  /** Milliseconds. Default 2,000. */
  readonly heartbeat?: number | undefined
  /** Milliseconds for which one who is gone stays on the lists. Default: the hub's. */
  readonly grace?: number | undefined
  readonly environment?: HubEnvironment | undefined
  readonly limits?: HubOptions<Db, Identity>['limits']
  readonly presence?: HubOptions<Db, Identity>['presence']
  /** Default: the token is the person's name. */
  readonly authenticate?: ((token: string) => Identity) | undefined
  serve(hub: Hub<Db, Identity>): void
}

export interface RoomHub<Db> {
  readonly port: number
  readonly hub: Hub<Db, Identity>
  /** Breaks every connection; nothing more is said or sent. */
  kill(): Promise<void>
}

/** One hub with all four gateways, on a port of this machine. */
export const startRoomHub = async <Db>(options: RoomHubOptions<Db>): Promise<RoomHub<Db>> => {
  const { store, managed, heartbeat = 2_000, grace, environment, authenticate = (id) => ({ id }) } = options
  const server = createServer()
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  const io = new SocketIoServer(server, { serveClient: false })
  const { pusher, ably } = managed
  const hub = createHub<Db, Identity>({
    store,
    heartbeat,
    ...(environment && { environment }),
    ...(options.limits && { limits: options.limits }),
    ...(options.presence && { presence: options.presence }),
    ...(grace !== undefined && { presence: { grace } }),
    authenticate: ({ token = '' }) => authenticate(token),
    logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    gateways: [
      socketIoGateway(io),
      sseGateway(),
      pusherGateway({
        pusher: new PusherServer({ ...pusher, host: '127.0.0.1', port: String(pusher.port), useTLS: false }),
      }),
      ablyGateway({ rest: new Ably.Rest({ ...localAbly(ably.port), key: ably.key }) }),
    ],
  })
  options.serve(hub)
  const handler = toNodeHandler(hub.handler)
  server.on('request', (request, response) => {
    if (request.url?.startsWith('/syncline/')) handler(request, response)
  })
  await hub.ready
  await new Promise<void>((resolve) => server.listen(options.port, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    hub,
    kill: async () => {
      server.close()
      for (const socket of sockets) socket.resetAndDestroy()
      await hub.close({ within: 0 })
      await io.close()
    },
  }
}
