import type { Socket } from 'node:net'
import { pusherGateway } from '@syncline/pusher/hub'
import Pusher from 'pusher'
import type { StandIn } from './managed.ts'
import { acceptWebSocket, textFrame } from './web-socket.ts'

interface ClientEvent {
  readonly event: string
  readonly data: { readonly channel: string; readonly user_data?: string }
}

/** The Pusher Channels protocol 7, for one client that does everything right. */
export const createPusherStandIn = (): StandIn => {
  let client: Socket | undefined
  const send = (event: string, data: unknown, channel?: string): void => {
    const text = typeof data === 'string' ? data : JSON.stringify(data)
    client?.write(textFrame(JSON.stringify({ event, channel, data: text })))
  }
  const answers: Readonly<Record<string, (data: ClientEvent['data']) => void>> = {
    'pusher:ping': () => send('pusher:pong', '{}'),
    'pusher:signin': ({ user_data }) => send('pusher:signin_success', { user_data }),
    'pusher:subscribe': ({ channel }) => send('pusher_internal:subscription_succeeded', '{}', channel),
  }
  const sdk = new Pusher({ appId: 'app', key: 'key', secret: 'secret', cluster: 'local' })
  const trigger = async (channels: string | string[], event: string, data: unknown) => {
    for (const channel of [channels].flat()) send(event, data, channel)
    return { text: async () => '{}' }
  }
  const local = Object.assign(sdk, {
    trigger,
    triggerBatch: async (batch: readonly Pusher.BatchEvent[]) => {
      for (const { channel, name, data } of batch) send(name, data, channel)
      return { text: async () => '{}' }
    },
  })
  return {
    gateway: pusherGateway({ pusher: local as never }),
    accept: (request, socket) => {
      client = socket
      acceptWebSocket(request, socket, (text) => {
        if (!text.startsWith('{')) return
        const { event, data } = JSON.parse(text) as ClientEvent
        answers[event]?.(data)
      })
      send('pusher:connection_established', { socket_id: '1.1', activity_timeout: 600 })
    },
    publish: (message) => trigger('feed', 'message', message),
  }
}
