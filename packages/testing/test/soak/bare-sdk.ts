import { createRequire } from 'node:module'
import Ably from 'ably'
import { localAbly, type Provider, type Way } from '../four-providers/room-transports.ts'

interface Listens {
  on(event: string, listener: () => void): void
  disconnect(): void
}
interface Binds {
  bind(event: string, listener: () => void): void
}
interface BarePusher {
  readonly connection: Binds
  subscribe(channel: string): Binds
  disconnect(): void
}

/** An SDK as our transport has it: the very same copy. */
const sdkOf = (folder: string, name: string) =>
  createRequire(new URL(`../../../${folder}/package.json`, import.meta.url))(name)
const PusherClient: new (key: string, options: object) => BarePusher = sdkOf('pusher', 'pusher-js')
const { io }: { io(url: string, options: object): Listens } = sdkOf('socket-io', 'socket.io-client')

/** Comes and goes with the provider's own SDK and nothing of ours: what that leaves behind is not ours to free. */
export const bareSdk: Record<Provider, (way: Way) => Promise<void>> = {
  'socket.io': async ({ hub }) => {
    const socket = io(hub, { forceNew: true, reconnection: false, transports: ['websocket'] })
    await new Promise<void>((resolve, reject) => {
      socket.on('connect', resolve)
      socket.on('connect_error', reject)
    })
    socket.disconnect()
  },
  sse: async ({ hub }) => {
    await (await fetch(`${hub}/syncline/health`)).text()
  },
  pusher: async ({ provider, key }) => {
    const pusher = new PusherClient(key, {
      cluster: '',
      wsHost: '127.0.0.1',
      wsPort: provider,
      forceTLS: false,
      enabledTransports: ['ws'],
    })
    await new Promise<void>((resolve) => pusher.connection.bind('connected', resolve))
    await new Promise<void>((resolve) =>
      pusher.subscribe('anything').bind('pusher:subscription_succeeded', resolve),
    )
    pusher.disconnect()
  },
  ably: async ({ provider, key }) => {
    const ably = new Ably.Realtime({ ...localAbly(provider), key })
    await ably.connection.once('connected')
    await ably.channels.get('anything').attach()
    ably.close()
    await ably.connection.once('closed')
  },
}
