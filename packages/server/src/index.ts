export { type JwtKey, type JwtOptions, verifyJwt } from './auth/verify-jwt.ts'
export type { Identity } from './channel/identity.ts'
export type {
  Authorization,
  ChannelRequest,
  MutationHandler,
  MutationHandlers,
  MutationRequest,
  ParsedParameters,
  Publish,
  ServeOptions,
  SnapshotHandler,
  TransactionHandler,
} from './channel/serve-options.ts'
export type { HubEnvironment } from './environment/hub-environment.ts'
export type {
  Gateway,
  GatewayHandler,
  GatewayHub,
  GatewayOpening,
  GatewaySession,
  Grant,
  NodeExchange,
  OutgoingFrame,
  Peer,
} from './gateway/gateway.ts'
export { createHub } from './hub/create-hub.ts'
export type { CloseOptions, Hub, HubHealth, HubOptions, PresenceOptions, Revocation } from './hub/hub.ts'
export { defaultLimits, type Limits } from './limits.ts'
export { consoleLogger, type LogFields, type Logger, type LogLevel } from './logger.ts'
export { reject, retryLater } from './mutation/refusals.ts'
export type { HubMember } from './presence/members-of.ts'
export type { Credentials } from './session/session-context.ts'
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
export type { CorsOptions } from './uplink/cors.ts'
export {
  createHandler,
  type HandlerOptions,
  type Health,
  type UplinkHandler,
} from './uplink/create-handler.ts'
export { createUplinkSessions } from './uplink/create-uplink-sessions.ts'
export { nodeExchangeOf } from './uplink/node-exchanges.ts'
export { readJson } from './uplink/read-json.ts'
export { readUplinkBody, type UplinkBody } from './uplink/read-uplink-body.ts'
export { type NodeHandler, toNodeHandler } from './uplink/to-node-handler.ts'
export { createTokenGuard, type TokenGuard, type TokenGuardOptions } from './uplink/token-guard.ts'
export type { UplinkSession, UplinkSessions, UplinkSessionsOptions } from './uplink/uplink-session.ts'
