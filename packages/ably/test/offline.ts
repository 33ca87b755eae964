import { createAnsweringHub as answeringHub } from '@syncline/testing/adapter'
import type { ClientOptions, RealtimeClient } from 'ably'

type Listener = (told: unknown) => void

const createEmitter = () => {
  const listeners = new Set<Listener>()
  return {
    on: (listener: Listener) => void listeners.add(listener),
    off: () => listeners.clear(),
    emit: (told: unknown) => {
      for (const listener of [...listeners]) listener(told)
    },
  }
}

const createChannel = (name: string, members: readonly unknown[]) => {
  const states = createEmitter()
  const messages = createEmitter()
  const presence = createEmitter()
  const channel = {
    name,
    state: 'initialized',
    on: states.on,
    off: states.off,
    subscribe: async (listener: Listener) => messages.on(listener),
    unsubscribe: messages.off,
    attach: async () => channel.becomes({ current: 'attached', resumed: false }),
    detach: async () => {
      channel.state = 'detached'
    },
    presence: {
      subscribe: async (listener: Listener) => presence.on(listener),
      unsubscribe: presence.off,
      get: async () => members,
    },
    becomes: (change: { readonly current: string; readonly resumed?: boolean }) => {
      channel.state = change.current
      states.emit(change)
    },
    said: messages.emit,
    presenceIs: presence.emit,
  }
  return channel
}

/** What is used of Ably's SDK, told by the test: the SDK itself would swallow what its listeners throw. */
export const createOfflineRealtime = (members: readonly unknown[] = []) => {
  const channels = new Map<string, ReturnType<typeof createChannel>>()
  const states = createEmitter()
  let authCallback: NonNullable<ClientOptions['authCallback']> | undefined
  const becomes = (change: { readonly current: string; readonly reason?: unknown }) => {
    connection.state = change.current
    states.emit(change)
  }
  const connect = () => {
    becomes({ current: 'connecting' })
    queueMicrotask(() => becomes({ current: 'connected' }))
  }
  const connection = {
    state: 'initialized',
    id: 'connection-1',
    on: states.on,
    connect,
    close: () => becomes({ current: 'closed' }),
  }
  const realtime = {
    connection,
    auth: {
      authorize: () =>
        new Promise<void>((resolve, reject) => {
          authCallback?.({}, (error, token) => {
            if (error || !token) return reject(new Error('No token.'))
            if (connection.state !== 'connected') connect()
            resolve()
          })
        }),
    },
    channels: {
      get: (name: string) => {
        const channel = channels.get(`${name}`) ?? createChannel(`${name}`, members)
        channels.set(`${name}`, channel)
        return channel
      },
      release: (name: string) => void channels.delete(`${name}`),
    },
    close: () => {},
  }
  return {
    create: (options: ClientOptions) => {
      authCallback = options.authCallback
      return realtime as unknown as RealtimeClient
    },
    becomes,
    channel: (name: string) => channels.get(name),
  }
}

/** The hub's half of the uplink, with other answers where they are given. */
export const createAnsweringHub = (answers?: Readonly<Record<string, unknown>>) =>
  answeringHub(
    '/ably',
    {
      '/token': ({ channels = [] }) => ({
        token: { token: 'signed' },
        granted: channels.map((channel) => [channel, `at:${channel}`]),
      }),
    },
    answers,
    { hub: 'hub-1', wake: 'at:$wake:w' },
  )
