import PusherServer from 'pusher'
import PusherDefault, { type Channel, type Options } from 'pusher-js'
import { onTestFinished } from 'vitest'
import { type PusherEmulator, type PusherEmulatorOptions, startPusherEmulator } from '../src/index.ts'

/** At run time the default import is the class; to TypeScript's `nodenext` it is the module. */
const Client = PusherDefault as unknown as typeof PusherDefault.default

export type PusherClient = InstanceType<typeof Client>

/** An emulator that ends with its test. */
export const startEmulator = async (options?: PusherEmulatorOptions): Promise<PusherEmulator> => {
  const emulator = await startPusherEmulator(options)
  onTestFinished(() => emulator.close())
  return emulator
}

/** The server SDK, as an app's backend would make it. */
export const createServerSdk = (
  { host, port, appId, key, secret }: PusherEmulator,
  changes = {},
): PusherServer =>
  new PusherServer({
    appId,
    key,
    secret,
    host,
    port: String(port),
    useTLS: false,
    encryptionMasterKeyBase64: Buffer.alloc(32, 7).toString('base64'),
    ...changes,
  })

/** Who a client is, as its app's backend would say. */
export interface Person {
  readonly id: string
  readonly name?: string
  readonly watchlist?: string[]
}

/** The client SDK with an app's usual authorisers; not connected yet when this returns. */
export const createClientSdk = (
  emulator: PusherEmulator,
  person: Person = { id: 'ada' },
  { key = emulator.key, ...options }: Partial<Options> & { key?: string } = {},
): PusherClient => {
  const backend = createServerSdk(emulator)
  const client = new Client(key, {
    cluster: 'local',
    wsHost: emulator.host,
    wsPort: emulator.port,
    forceTLS: false,
    enabledTransports: ['ws'],
    channelAuthorization: {
      endpoint: '',
      transport: 'ajax',
      customHandler: ({ socketId, channelName }, callback) => {
        const member = { user_id: person.id, user_info: { name: person.name } }
        const data = channelName.startsWith('presence-') ? member : undefined
        callback(null, backend.authorizeChannel(socketId, channelName, data))
      },
    },
    userAuthentication: {
      endpoint: '',
      transport: 'ajax',
      customHandler: ({ socketId }, callback) =>
        callback(null, backend.authenticateUser(socketId, { ...person })),
    },
    ...options,
  })
  onTestFinished(() => client.disconnect())
  return client
}

interface Source {
  bind(event: string, callback: (data: never) => void): unknown
  unbind(event: string, callback: (data: never) => void): unknown
}

/** The next event of this name on a channel, a connection or a user. */
export const next = <T = unknown>(source: Source, event: string): Promise<T> =>
  new Promise((resolve) => {
    const callback = (data: T) => {
      source.unbind(event, callback)
      resolve(data)
    }
    source.bind(event, callback)
  })

/** Everything of this name, as it comes. */
export const record = <T = unknown>(source: Source, event: string): T[] => {
  const events: T[] = []
  source.bind(event, (data: T) => events.push(data))
  return events
}

export const connected = async (client: PusherClient): Promise<PusherClient> => {
  if (client.connection.state !== 'connected') await next(client.connection, 'connected')
  return client
}

/** Subscribed, or rejected with what the SDK says. */
export const subscribed = (client: PusherClient, name: string): Promise<Channel> =>
  new Promise((resolve, reject) => {
    const channel = client.subscribe(name)
    channel.bind('pusher:subscription_succeeded', () => resolve(channel))
    channel.bind('pusher:subscription_error', reject)
  })

/** The next frame of this event, whatever comes before it. */
export const nextFrame = (client: PusherClient, event: string): Promise<void> =>
  new Promise((resolve) => {
    const check = (message: { event: string }) => {
      if (message.event !== event) return
      client.connection.unbind('message', check)
      resolve()
    }
    client.connection.bind('message', check)
  })

/** Settles once a client's frames so far were answered: they are taken in order. */
export const settled = (client: PusherClient): Promise<void> => {
  const pong = nextFrame(client, 'pusher:pong')
  client.send_event('pusher:ping', {})
  return pong
}
