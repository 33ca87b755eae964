export { ably } from './ably.ts'
export type { AblySettings } from './ably-options.ts'
export type { AblyOptions } from './create-transport.ts'
