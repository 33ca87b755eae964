export { type PlainAblyChannel, type PlainAblyClient, plainAbly } from './plain-ably.ts'
export type { PlainAblyOptions } from './plain-options.ts'
