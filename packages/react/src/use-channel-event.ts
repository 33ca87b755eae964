'use client'
import type { AnyContract, ChannelHandle, EventData, EventName, Message } from '@syncline/core'
import { useEffect } from 'react'
import { useLatest } from './use-latest.ts'

/**
 * Runs `handler` for each event while the component is mounted. It is always the handler of the last render; a
 * new one does not subscribe again.
 *
 * @example
 * useChannelEvent(channel, 'todo:created', (todo) => announce(`${todo.text} was added`))
 */
export const useChannelEvent = <C extends AnyContract, E extends EventName<C>>(
  channel: ChannelHandle<C>,
  event: E,
  handler: (data: EventData<C, E>, message: Message<E, EventData<C, E>>) => void,
): void => {
  const latest = useLatest(handler)
  useEffect(
    () => channel.on(event, (data, message) => latest.current(data, message)),
    [channel, event, latest],
  )
}
