import { createAnsweringHub as answeringHub } from '@syncline/testing/adapter'
import imported, { type Options } from 'pusher-js'
import type { PusherSettings } from '../src/sdk/pusher-settings.ts'

const Client = imported as unknown as typeof imported.default

/** An event as pusher-js has it once it has read the JSON. */
interface Said {
  readonly event: string
  readonly channel?: string
  readonly data: unknown
}
type Listener = (told?: unknown) => void

/** What pusher-js takes for the socket of a connection that stands. */
const createSocket = (members: object) => {
  const listeners: [event: string, listener: Listener][] = []
  const emit = (event: string, told?: unknown) => {
    for (const [of, listener] of [...listeners]) if (of === event) listener(told)
  }
  return {
    id: '1.1',
    activityTimeout: 0,
    handlesActivityChecks: () => true,
    bind: (event: string, listener: Listener) => void listeners.push([event, listener]),
    unbind: (event: string, listener: Listener) =>
      void listeners.splice(
        listeners.findIndex((each) => each[0] === event && each[1] === listener),
        1,
      ),
    send: () => true,
    // Every subscription stands at once.
    send_event: (event: string, data: { readonly channel: string }) => {
      if (event === 'pusher:subscribe')
        queueMicrotask(() =>
          emit('message', {
            event: 'pusher_internal:subscription_succeeded',
            channel: data.channel,
            data: { presence: { hash: members, count: 1 } },
          }),
        )
      return true
    },
    close: () => {},
    emit,
  }
}

interface Inside {
  readonly connection: {
    strategy: {
      isSupported(): boolean
      connect(priority: number, done: (error: unknown, handshake: object) => void): { abort(): void }
    }
  }
}

/** Pusher-js itself, without a network: what it does with what it is told is its own, and it is told by the test. */
export const createOfflineSdk = (members: object = {}) => {
  let socket = createSocket(members)
  const sdk: NonNullable<PusherSettings['sdk']> = (key, options: Options) => {
    // With no transport at all it cannot dial before it is given its way to connect.
    const client = new Client(key, { ...options, enabledTransports: [] })
    ;(client as unknown as Inside).connection.strategy = {
      isSupported: () => true,
      connect: (_, done) => {
        let aborted = false
        queueMicrotask(() => {
          if (aborted) return
          socket = createSocket(members)
          done(null, { action: 'connected', connection: socket, activityTimeout: 1e6 })
        })
        return {
          abort: () => {
            aborted = true
          },
        }
      },
    }
    return client
  }
  return {
    sdk,
    /** A message of Pusher's. */
    say: (said: Said) => socket.emit('message', said),
    /** What the connection itself tells: `error`, `closed`, `refused`, `backoff`, `retry`. */
    tell: (event: string, told?: unknown) => socket.emit(event, told),
  }
}

/** The hub's half of the uplink, with other answers where they are given. */
export const createAnsweringHub = (answers?: Readonly<Record<string, unknown>>) =>
  answeringHub(
    '/pusher',
    {
      '/sign-in': () => ({
        user: { auth: 'key:signed', user_data: '{"id":"ada"}' },
        wake: { name: 'private-syncline_wake-w', auth: 'key:signed' },
      }),
      '/authorize': ({ channels = [] }) => ({
        channels: channels.map((channel) => ({ name: `private-syncline-${channel}`, auth: 'key:signed' })),
      }),
    },
    answers,
  )
