export {
  type PlainAblyChannel,
  type PlainAblyClient,
  type PlainAblyOptions,
  plainAbly,
} from './plain-ably.ts'
