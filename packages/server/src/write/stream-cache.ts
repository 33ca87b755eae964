import type { Position } from '@syncline/core'
import type { StreamKey } from '../store/hub-store.ts'
import type { StreamContext } from './stream-context.ts'
import { WriteStream } from './write-stream.ts'

export interface StreamCache {
  readonly size: number
  get(key: StreamKey): WriteStream
  /**
   * Waits until the streams that came in are read from the store.
   * @throws SynclineError `store-unavailable`
   */
  ready(subject: string, client: string, channel: string): Promise<unknown>
  /**
   * The accepted writes whose effect on the channel is in its state at `position`, as far as kept: those of the
   * client, and of the person's other tabs, whose writes it may show and whose state it may store.
   */
  writesWithin(subject: string, client: string, channel: string, position: Position): readonly string[]
  /** True while a write of any stream is under way. */
  isBusy(): boolean
}

/** Lengths keep one part from reaching into the next, whatever the parts contain. */
const placeOf = (subject: string, channel: string): string => `${subject.length}.${subject}${channel}`
/** Where one subject has more clients on a channel, they are not the tabs of one person. */
const mostTabs = 32

/** The write streams in use, over the store: the longest unused is forgotten when there are too many. */
export const createStreamCache = (context: StreamContext): StreamCache => {
  const streams = new Map<string, WriteStream>()
  /** The newest streams to a channel of a subject's clients, whatever their generation. */
  const places = new Map<string, Map<string, WriteStream>>()

  const streamsAt = (subject: string, client: string, channel: string): WriteStream[] => {
    const clients = places.get(placeOf(subject, channel))
    const own = clients?.get(client)
    if (clients && clients.size <= mostTabs) return [...clients.values()]
    return own ? [own] : []
  }
  const forget = ({ client, place }: WriteStream): void => {
    const clients = places.get(place)
    clients?.delete(client)
    if (clients?.size === 0) places.delete(place)
  }
  const forgetIdle = (): void => {
    let tries = 16
    for (const [name, stream] of streams) {
      if (streams.size <= context.limits.streams || tries-- === 0) return
      streams.delete(name)
      // One in use goes to the end of the line.
      if (!stream.idle) streams.set(name, stream)
      else if (places.get(stream.place)?.get(stream.client) === stream) forget(stream)
    }
  }

  return {
    get size() {
      return streams.size
    },
    get: (key) => {
      const place = placeOf(key.subject, key.channel)
      const name = `${key.generation}.${key.client.length}.${key.client}${place}`
      let stream = streams.get(name)
      if (stream) streams.delete(name)
      else stream = new WriteStream(context, key, place)
      streams.set(name, stream)
      const clients = places.get(place) ?? new Map<string, WriteStream>()
      places.set(place, clients.set(key.client, stream))
      forgetIdle()
      return stream
    },
    ready: (subject, client, channel) =>
      Promise.all(streamsAt(subject, client, channel).map((stream) => stream.ready())),
    writesWithin: (subject, client, channel, position) =>
      streamsAt(subject, client, channel).flatMap((stream) => stream.writesWithin(position)),
    isBusy: () => {
      for (const stream of streams.values()) if (!stream.idle) return true
      return false
    },
  }
}
