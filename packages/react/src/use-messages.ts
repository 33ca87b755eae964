'use client'
import type { AnyContract, ChannelHandle, EventData, EventName, Message } from '@syncline/core'
import { useMemo, useSyncExternalStore } from 'react'
import { createMessageList } from './message-list.ts'

/** Options of {@link useMessages}. */
export interface MessagesOptions {
  /** How many messages to hold, at least 1; the oldest go first. Default 100. */
  readonly limit?: number
}

const none: readonly never[] = []
const noMessages = () => none

/**
 * The messages of one event that arrived while the component was mounted, newest last. Each has an `id` for React's
 * `key`. Another channel, event or limit starts an empty list; what must be complete belongs in a view.
 *
 * @example
 * const lines = useMessages(chat, 'message', { limit: 50 })
 * return lines.map(({ id, data }) => <li key={id}>{data.text}</li>)
 */
export const useMessages = <C extends AnyContract, E extends EventName<C>>(
  channel: ChannelHandle<C>,
  event: E,
  { limit = 100 }: MessagesOptions = {},
): readonly Message<E, EventData<C, E>>[] => {
  const list = useMemo(() => createMessageList(channel, event, Math.max(1, limit)), [channel, event, limit])
  return useSyncExternalStore(list.subscribe, list.get, noMessages)
}
