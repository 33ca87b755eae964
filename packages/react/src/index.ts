'use client'
export {
  ConnectionBoundary,
  type ConnectionBoundaryProps,
  type ConnectionFallback,
} from './connection-boundary.tsx'
export { SynclineProvider, type SynclineProviderProps } from './syncline-provider.tsx'
export { useChannel } from './use-channel.ts'
export { useChannelEvent } from './use-channel-event.ts'
export { useChannelState } from './use-channel-state.ts'
export { useClient } from './use-client.ts'
export { useConnection } from './use-connection.ts'
export { type Cursors, useCursors } from './use-cursors.ts'
export { type MessagesOptions, useMessages } from './use-messages.ts'
export { useMutate } from './use-mutate.ts'
export { type OutboxState, useOutbox } from './use-outbox.ts'
export { type PresenceView, usePresence } from './use-presence.ts'
export { useReceipt } from './use-receipt.ts'
export { useSyncState } from './use-sync-state.ts'
export { type Typing, useTyping } from './use-typing.ts'
export { useView } from './use-view.ts'
