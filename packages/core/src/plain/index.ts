export type {
  PlainEvent,
  PlainLink,
  PlainProvider,
  PlainTransportEvent,
  PlainTransportSession,
} from '../transport/plain-provider.ts'
export { type PlainTransport, plainTransport } from './plain-transport.ts'
