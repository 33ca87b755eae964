export type {
  PlainEvent,
  PlainLink,
  PlainMember,
  PlainPresenceChange,
  PlainPresenceListener,
  PlainProvider,
  PlainTransportEvent,
  PlainTransportSession,
} from '../transport/plain-provider.ts'
export type { PlainChannel, PlainChannels, SendingPlainChannel } from './plain-channel.ts'
export type { PlainClient } from './plain-client.ts'
export type { EnteringPlainPresence, PlainPresence } from './plain-presence.ts'
export { type PlainTransport, plainTransport, plainTransportWithPresence } from './plain-transport.ts'
export { type PlainRoute, routed } from './routed.ts'
