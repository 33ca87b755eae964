import type { Transport } from '@syncline/core'
import { socketIo } from '@syncline/socket-io'
import { sse } from '@syncline/sse'

/** What a window can talk to the hub over. This is all that is different between them. */
export const providers = {
  'socket-io': { name: 'Socket.IO', transport: (origin: string): Transport => socketIo(origin) },
  sse: { name: 'SSE', transport: (origin: string): Transport => sse(`${origin}/syncline`) },
} as const

export type Provider = keyof typeof providers

export const isProvider = (value: unknown): value is Provider =>
  typeof value === 'string' && Object.hasOwn(providers, value)
