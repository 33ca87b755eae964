import { ably } from '@syncline/ably/modular'
import type { Transport } from '@syncline/core'
import { pusher } from '@syncline/pusher'
import { socketIo } from '@syncline/socket-io'
import { sse } from '@syncline/sse'
import { BaseRealtime, FetchRequest, WebSocketTransport } from 'ably/modular'
import type { Endpoints } from '../server/endpoints.ts'

export type Provider = 'socket-io' | 'sse' | 'pusher' | 'ably'

interface ProviderEntry {
  readonly name: string
  readonly transport: (endpoints: Endpoints) => Transport
}

/** What a window can talk to the hub over. This is all that is different between them. */
export const providers: Readonly<Record<Provider, ProviderEntry>> = {
  'socket-io': { name: 'Socket.IO', transport: () => socketIo(location.origin) },
  sse: { name: 'SSE', transport: () => sse(hubUrl()) },
  pusher: { name: 'Pusher', transport: (endpoints) => pusher(hubUrl(), pusherSettings(endpoints)) },
  ably: { name: 'Ably', transport: (endpoints) => ably(hubUrl(), ablySettings(endpoints)) },
}

const hubUrl = () => `${location.origin}/syncline`

const pusherSettings = ({ pusher: { local, ...account } }: Endpoints) => ({
  ...account,
  ...(local && {
    wsHost: local.host ?? location.hostname,
    wsPort: local.port,
    forceTLS: false,
    enabledTransports: ['ws' as const],
  }),
})

/** The parts of Ably's SDK that are needed: a third less than all of it. */
const ablyParts = { BaseRealtime, plugins: { WebSocketTransport, FetchRequest } }

const ablySettings = ({ ably: { local } }: Endpoints) => {
  if (!local) return ablyParts
  const { host = location.hostname, port } = local
  return {
    ...ablyParts,
    endpoint: host,
    port,
    tls: false,
    fallbackHosts: [],
    transports: ['web_socket' as const],
    // Otherwise the SDK looks for the internet when a connection hangs.
    disableConnectivityCheck: true,
    wsConnectivityCheckUrl: `ws://${host}:${port}/`,
  }
}

export const isProvider = (value: unknown): value is Provider =>
  typeof value === 'string' && Object.hasOwn(providers, value)

/** What a provider is called; as it is, if this page does not know it. */
export const providerName = (provider: string): string =>
  isProvider(provider) ? providers[provider].name : provider
