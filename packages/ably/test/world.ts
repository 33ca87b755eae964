import { type ClientOptions, createClient, defineChannel, SynclineError, type } from '@syncline/core'
import type { AblyEmulatorOptions } from '@syncline/emulator'
import { createHub, type Identity, memoryStore } from '@syncline/server'
import { collect, createTcpProxy, type Taps, tapTransport, until } from '@syncline/testing'
import { serveHub } from '@syncline/testing/adapter'
import * as Ably from 'ably'
import { onTestFinished } from 'vitest'
import { createTransport } from '../src/create-transport.ts'
import { ablyGateway } from '../src/hub/index.ts'
import type { AblyOptions } from '../src/index.ts'
import { local, restAt, startAbly } from './emulated.ts'

export const talk = defineChannel('talk/:room', {
  events: { said: type<unknown>() },
  publish: ['said'],
})

interface WorldOptions {
  readonly emulator?: AblyEmulatorOptions
  readonly heartbeat?: number
  readonly rest?: Parameters<typeof restAt>[1]
}

/** `subject`, or `subject|expiry in ms since 1970`. */
const readToken = ({ token }: { readonly token: string | undefined }): Identity => {
  const [id, expiresAt] = token?.split('|') ?? []
  if (!id) throw new SynclineError('unauthenticated')
  if (!expiresAt) return { id }
  if (Number(expiresAt) <= Date.now()) throw new SynclineError('token-expired')
  return { id, expiresAt: Number(expiresAt) }
}

/** A hub on its server, Ably beside it, and clients that reach the hub through a proxy each. */
export const startWorld = async ({
  emulator: options,
  heartbeat = 5_000,
  rest: restOptions,
}: WorldOptions = {}) => {
  const emulator = await startAbly(options)
  const rest = restAt(emulator, restOptions)
  const closed = new Set<string>()
  const logged: unknown[] = []
  const log = (...entry: unknown[]) => void logged.push(entry)
  const hub = createHub<never, Identity>({
    store: memoryStore() as never,
    authenticate: readToken,
    gateways: [ablyGateway({ rest })],
    heartbeat,
    logger: { debug: () => {}, info: () => {}, warn: log, error: log } as never,
  })
  hub.serve(talk, { authorize: ({ params }) => !closed.has(params.room) })
  await hub.ready
  const url = await serveHub(hub)

  return {
    emulator,
    rest,
    hub,
    url,
    logged,
    /** Rooms that `authorize` refuses from now on. */
    closed,
    say: (data: unknown, room = 'home') => hub.publish(talk, { room }, 'said', data),
    client: async (
      settings: Partial<Omit<ClientOptions, 'transport'>> & {
        readonly taps?: Taps
        readonly sdk?: AblyOptions
      } = {},
    ) => {
      const { taps = {}, sdk, ...more } = settings
      const proxy = await createTcpProxy({ target: () => Number(new URL(url).port) })
      let realtime: Ably.Realtime | undefined
      const options = { ...local(emulator), useBinaryProtocol: false, ...sdk }
      const transport = createTransport(`${proxy.url}/syncline`, options, (given) => {
        realtime = new Ably.Realtime(given)
        return realtime
      })
      const client = createClient({
        token: () => 'ada',
        backoff: { firstDelay: 20, cap: 100 },
        ...more,
        transport: tapTransport(transport, taps),
      })
      onTestFinished(async () => {
        await client.close()
        await proxy.close()
      })
      const room = (name = 'home') => {
        const channel = client.channel(talk, { room: name })
        const seen = collect(channel.messages$)
        return {
          channel,
          seen,
          data: () => seen.values.map(({ data }) => data),
          heard: (count: number) => seen.until(({ length }) => length >= count),
          live: () => until(channel.state$, ({ phase }) => phase === 'live', { what: 'A live room' }),
        }
      }
      /** The SDK's client beneath, once there is one. */
      const sdkClient = () => realtime as Ably.Realtime
      return {
        client,
        proxy,
        room,
        sdkClient,
        statuses: collect(client.status$),
        errors: collect(client.errors$),
      }
    },
  }
}
