import { pusherGateway } from '@syncline/pusher/hub'
import Pusher from 'pusher'
import type { Emit, StandIn } from './managed.ts'
import { acceptWebSocket, textFrame } from './web-socket.ts'

interface ClientEvent {
  readonly event: string
  readonly data: { readonly channel: string; readonly user_data?: string }
}

const frame = (event: string, data: unknown, channel?: string): Buffer => {
  const text = typeof data === 'string' ? data : JSON.stringify(data)
  return textFrame(JSON.stringify({ event, channel, data: text }))
}

const answers: Readonly<Record<string, (data: ClientEvent['data']) => Buffer>> = {
  'pusher:ping': () => frame('pusher:pong', '{}'),
  'pusher:signin': ({ user_data }) => frame('pusher:signin_success', { user_data }),
  'pusher:subscribe': ({ channel }) => frame('pusher_internal:subscription_succeeded', '{}', channel),
}

/** The Pusher Channels protocol 7, for one client that does everything right. */
export const createPusherStandIn = (emit: Emit): StandIn => {
  const sdk = new Pusher({ appId: 'app', key: 'key', secret: 'secret', cluster: 'local' })
  const trigger = async (channels: string | string[], event: string, data: unknown) => {
    for (const channel of [channels].flat()) emit(frame(event, data, channel))
    return { text: async () => '{}' }
  }
  const local = Object.assign(sdk, {
    trigger,
    triggerBatch: async (batch: readonly Pusher.BatchEvent[]) => {
      for (const { channel, name, data } of batch) emit(frame(name, data, channel))
      return { text: async () => '{}' }
    },
  })
  return {
    gateway: pusherGateway({ pusher: local as never }),
    accept: (request, socket) => {
      acceptWebSocket(request, socket, (text) => {
        if (!text.startsWith('{')) return
        const { event, data } = JSON.parse(text) as ClientEvent
        const answer = answers[event]?.(data)
        if (answer) socket.write(answer)
      })
      socket.write(frame('pusher:connection_established', { socket_id: '1.1', activity_timeout: 600 }))
    },
    publish: (message) => trigger('feed', 'message', message),
  }
}
