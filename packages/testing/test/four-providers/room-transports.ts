import { ably } from '@syncline/ably'
import type { Transport } from '@syncline/core'
import { pusher } from '@syncline/pusher'
import { socketIo } from '@syncline/socket-io'
import { sse } from '@syncline/sse'

export const providers = ['socket.io', 'sse', 'pusher', 'ably'] as const
export type Provider = (typeof providers)[number]

/** Options of Ably's SDKs that make them talk to a port of this machine. */
export const localAbly = (port: number) => ({
  endpoint: '127.0.0.1',
  port,
  tls: false,
  fallbackHosts: [],
  disableConnectivityCheck: true,
  wsConnectivityCheckUrl: `ws://127.0.0.1:${port}/`,
  logLevel: 0,
})

/** Where a client goes: the hub's origin, and the port and key of its provider where it has one. */
export interface Way {
  readonly hub: string
  readonly provider: number
  readonly key: string
  /** More options for the provider's SDK. */
  readonly sdk?: object | undefined
}

export const transports: Record<Provider, (way: Way) => Transport> = {
  'socket.io': ({ hub }) => socketIo(hub),
  sse: ({ hub }) => sse(`${hub}/syncline`),
  pusher: ({ hub, provider, key, sdk }) =>
    pusher(`${hub}/syncline`, {
      key,
      wsHost: '127.0.0.1',
      wsPort: provider,
      forceTLS: false,
      enabledTransports: ['ws'],
      ...sdk,
    }),
  ably: ({ hub, provider, sdk }) => ably(`${hub}/syncline`, { ...localAbly(provider), ...sdk }),
}
