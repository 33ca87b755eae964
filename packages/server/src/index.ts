export type {
  Gateway,
  GatewayHandler,
  GatewayHub,
  GatewayOpening,
  GatewaySession,
  NodeExchange,
  OutgoingFrame,
  Peer,
} from './gateway/gateway.ts'
export type {
  ChannelRecord,
  Commit,
  CommitOutcome,
  CommitPlan,
  HubStore,
  NewMessage,
  Retention,
  StoredAnswer,
  StoredMessage,
  StreamKey,
  StreamRecord,
} from './store/hub-store.ts'
export { memoryStore } from './store/memory-store.ts'
