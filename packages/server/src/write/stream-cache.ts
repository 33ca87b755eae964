import type { Position } from '@syncline/core'
import type { StreamKey } from '../store/hub-store.ts'
import type { StreamContext } from './stream-context.ts'
import { WriteStream } from './write-stream.ts'

export interface StreamCache {
  readonly size: number
  get(key: StreamKey): WriteStream
  /** The accepted writes of a client whose effect on the channel is in its state at `position`, as far as kept. */
  writesWithin(subject: string, client: string, channel: string, position: Position): readonly string[]
  /** True while a write of any stream is under way. */
  isBusy(): boolean
}

/** Lengths keep one part from reaching into the next, whatever the parts contain. */
const ownerOf = (subject: string, client: string, channel: string): string =>
  `${subject.length}.${client.length}.${subject}${client}${channel}`
const none: readonly string[] = []

/** The write streams in use, over the store: the longest unused is forgotten when there are too many. */
export const createStreamCache = (context: StreamContext): StreamCache => {
  const streams = new Map<string, WriteStream>()
  /** The newest stream of a client to a channel, whatever its generation. */
  const newest = new Map<string, WriteStream>()

  const forgetIdle = (): void => {
    let tries = 16
    for (const [name, stream] of streams) {
      if (streams.size <= context.limits.streams || tries-- === 0) return
      streams.delete(name)
      // One in use goes to the end of the line.
      if (!stream.idle) streams.set(name, stream)
      else if (newest.get(stream.owner) === stream) newest.delete(stream.owner)
    }
  }

  return {
    get size() {
      return streams.size
    },
    get: (key) => {
      const owner = ownerOf(key.subject, key.client, key.channel)
      const name = `${key.generation}.${owner}`
      let stream = streams.get(name)
      if (stream) streams.delete(name)
      else stream = new WriteStream(context, key, owner)
      streams.set(name, stream)
      newest.set(owner, stream)
      forgetIdle()
      return stream
    },
    writesWithin: (subject, client, channel, position) =>
      newest.get(ownerOf(subject, client, channel))?.writesWithin(position) ?? none,
    isBusy: () => {
      for (const stream of streams.values()) if (!stream.idle) return true
      return false
    },
  }
}
