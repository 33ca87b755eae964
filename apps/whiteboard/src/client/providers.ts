import type { Transport } from '@syncline/core'
import { socketIo } from '@syncline/socket-io'
import { sse } from '@syncline/sse'
import type { Endpoints } from '../server/endpoints.ts'

interface ProviderEntry {
  readonly name: string
  readonly transport: (endpoints: Endpoints) => Transport
}

/** What a window can talk to the hub over. This is all that is different between them. */
export const providers: Readonly<Record<'socket-io' | 'sse', ProviderEntry>> = {
  'socket-io': { name: 'Socket.IO', transport: () => socketIo(location.origin) },
  sse: { name: 'SSE', transport: () => sse(hubUrl()) },
}

const hubUrl = () => `${location.origin}/syncline`

export type Provider = keyof typeof providers

export const isProvider = (value: unknown): value is Provider =>
  typeof value === 'string' && Object.hasOwn(providers, value)

/** What a provider is called; as it is, if this page does not know it. */
export const providerName = (provider: string): string =>
  isProvider(provider) ? providers[provider].name : provider
