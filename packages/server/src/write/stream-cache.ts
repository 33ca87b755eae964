import type { StreamKey } from '../store/hub-store.ts'
import type { StreamContext } from './stream-context.ts'
import { WriteStream } from './write-stream.ts'

export interface StreamCache {
  readonly size: number
  get(key: StreamKey): WriteStream
  /** True while a write of any stream is under way. */
  isBusy(): boolean
}

/** Lengths keep one part from reaching into the next, whatever the parts contain. */
const nameOf = ({ subject, client, channel, generation }: StreamKey): string =>
  `${subject.length}.${client.length}.${generation}.${subject}${client}${channel}`

/** The write streams in use, over the store: the longest unused is forgotten when there are too many. */
export const createStreamCache = (context: StreamContext): StreamCache => {
  const streams = new Map<string, WriteStream>()

  const forgetIdle = (): void => {
    let tries = 16
    for (const [name, stream] of streams) {
      if (streams.size <= context.limits.streams || tries-- === 0) return
      streams.delete(name)
      // One in use goes to the end of the line.
      if (!stream.idle) streams.set(name, stream)
    }
  }

  return {
    get size() {
      return streams.size
    },
    get: (key) => {
      const name = nameOf(key)
      let stream = streams.get(name)
      if (stream) streams.delete(name)
      else stream = new WriteStream(context, key)
      streams.set(name, stream)
      forgetIdle()
      return stream
    },
    isBusy: () => {
      for (const stream of streams.values()) if (!stream.idle) return true
      return false
    },
  }
}
