import { Observable } from 'rxjs'
import { Emitter } from '../state/emitter.ts'
import type { PlainEvent } from '../transport/plain-provider.ts'

/** Who listens to what: by the event's name, then by channel (`undefined`: any). */
export interface Listeners {
  on(channel: string | undefined, event: string): Observable<unknown>
  emit(event: PlainEvent): void
  /** Nothing will come any more. */
  complete(): void
  /** Keeps the channel joined without listening; returns the end. */
  hold(channel: string): () => void
  /** The channels with listeners, or held. */
  readonly channels: Iterable<string>
}

/** Routes events by maps, so that the cost of one does not grow with the channels that are open. */
export const createListeners = (
  joined: (channel: string) => void,
  left: (channel: string) => void,
): Listeners => {
  const byEvent = new Map<string, Map<string | undefined, Emitter<unknown>>>()
  const counts = new Map<string, number>()

  const emitterOf = (channel: string | undefined, event: string): Emitter<unknown> => {
    const byChannel = byEvent.get(event) ?? new Map<string | undefined, Emitter<unknown>>()
    const emitter = byChannel.get(channel) ?? new Emitter<unknown>()
    byEvent.set(event, byChannel.set(channel, emitter))
    return emitter
  }
  const forget = (channel: string | undefined, event: string) => {
    const byChannel = byEvent.get(event)
    if (!byChannel || byChannel.get(channel)?.observed) return
    byChannel.delete(channel)
    if (byChannel.size === 0) byEvent.delete(event)
  }
  const count = (channel: string | undefined, change: 1 | -1) => {
    if (channel === undefined) return
    const before = counts.get(channel) ?? 0
    if (before + change > 0) counts.set(channel, before + change)
    else counts.delete(channel)
    if (before === 0) joined(channel)
    else if (before + change === 0) left(channel)
  }

  return {
    on: (channel, event) =>
      new Observable((subscriber) => {
        const subscription = emitterOf(channel, event).subscribe(subscriber)
        count(channel, 1)
        return () => {
          subscription.unsubscribe()
          forget(channel, event)
          count(channel, -1)
        }
      }),
    hold: (channel) => {
      count(channel, 1)
      return () => count(channel, -1)
    },
    emit: ({ channel, event, data }) => {
      const byChannel = byEvent.get(event)
      if (!byChannel) return
      if (channel === undefined) for (const emitter of [...byChannel.values()]) emitter.next(data)
      else {
        byChannel.get(channel)?.next(data)
        byChannel.get(undefined)?.next(data)
      }
    },
    complete: () => {
      for (const byChannel of [...byEvent.values()])
        for (const emitter of [...byChannel.values()]) emitter.complete()
    },
    get channels() {
      return counts.keys()
    },
  }
}
