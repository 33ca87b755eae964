export type {
  Batch,
  ChannelOccurrence,
  ChannelPhase,
  ChannelState,
  Message,
  Missed,
  Snapshot,
} from './channel/channel.ts'
export type { ChannelHandle, Client, WriteOptions } from './client/client.ts'
export type { ClientOptions, PlainClientOptions } from './client/client-options.ts'
export { createClient } from './client/create-client.ts'
export type { Connection, ConnectionStatus } from './connection/connection.ts'
export type { Token, TokenProvider, TokenReason } from './connection/token-provider.ts'
export type {
  AnyContract,
  ChannelContract,
  ChannelDefinition,
  CursorInput,
  CursorState,
  EventData,
  EventInput,
  EventName,
  MutationInput,
  MutationName,
  MutationParsedInput,
  MutationResult,
  MutationReturn,
  MutationSchemas,
  OldWrite,
  Parameters,
  ParametersArgument,
  PresenceInput,
  PresenceState,
  PublishName,
  SnapshotInput,
  SnapshotState,
} from './contract/channel-contract.ts'
export { formatChannelName } from './contract/channel-name.ts'
export { type DefinitionOf, defineChannel } from './contract/define-channel.ts'
export { type InputOf, type OutputOf, parse, type Schema, type } from './contract/schema.ts'
export { createDefaultEnvironment } from './environment/default-environment.ts'
export type { Environment, LifecycleSignal, PageActivity, TabMemory } from './environment/environment.ts'
export { type ErrorCode, errorCatalog } from './errors/error-catalog.ts'
export {
  type ErrorDetails,
  type ErrorIssue,
  fromWireError,
  SynclineError,
  toSynclineError,
  toWireError,
  type WireError,
} from './errors/syncline-error.ts'
export type { BackoffOptions } from './operators/backoff-delay.ts'
export type { OutboxView, PendingWrite } from './outbox/outbox.ts'
export type { ParkedWrite, ParkReason, Receipt, ReceiptStatus } from './outbox/receipt.ts'
export type { PlainChannel, PlainChannels, SendingPlainChannel } from './plain/plain-channel.ts'
export type { PlainClient } from './plain/plain-client.ts'
export type { PlainTransport } from './plain/plain-transport.ts'
export type { Anchor, Effect, Position } from './protocol/position.ts'
export { mapState } from './state/map-state.ts'
export { createState, type State, type WritableState } from './state/state.ts'
export type {
  ClientStorage,
  OpenStorage,
  StorageChange,
  StorageKeeper,
  StorageLock,
  StorageTable,
} from './storage/client-storage.ts'
export { memoryStorage } from './storage/memory-storage.ts'
export type {
  PlainEvent,
  PlainLink,
  PlainProvider,
  PlainTransportEvent,
  PlainTransportSession,
} from './transport/plain-provider.ts'
export type {
  Continuity,
  Opening,
  Transport,
  TransportEvent,
  TransportSession,
} from './transport/transport.ts'
export {
  createView,
  type OptimisticViewHandlers,
  type ViewableChannel,
  type ViewHandlers,
  type ViewOptions,
} from './view/create-view.ts'
export type { OptimisticWrite } from './view/overlays.ts'
export type { View, ViewStatus } from './view/view.ts'
