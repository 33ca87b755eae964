import type { AnyContract, ChannelHandle, EventData, EventName, Message } from '@syncline/core'

/** The last messages of one event, as an external store. */
export interface MessageList<M> {
  subscribe(changed: () => void): () => void
  get(): readonly M[]
}

/** Holds the last `limit` messages; what comes within one turn is told once. */
export const createMessageList = <C extends AnyContract, E extends EventName<C>>(
  channel: ChannelHandle<C>,
  event: E,
  limit: number,
): MessageList<Message<E, EventData<C, E>>> => {
  let shown: readonly Message<E, EventData<C, E>>[] = []
  let arrived: Message<E, EventData<C, E>>[] = []
  return {
    subscribe: (changed) => {
      const show = () => {
        shown = [...shown, ...arrived].slice(-limit)
        arrived = []
        changed()
      }
      return channel.on(event, (_data, message) => {
        if (arrived.length >= limit * 2) arrived = arrived.slice(-limit)
        if (arrived.push(message) === 1) queueMicrotask(show)
      })
    },
    get: () => shown,
  }
}
