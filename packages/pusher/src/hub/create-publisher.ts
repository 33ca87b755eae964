import { SynclineError } from '@syncline/core'
import type { HubEnvironment } from '@syncline/server'
import type Pusher from 'pusher'
import { FRAME_EVENT } from '../wire.ts'
import { call } from './pusher-call.ts'

/** Bytes of an event's data, at most, in Pusher's HTTP API. */
const EVENT_BYTES = 10_240
/** Events of one batch, and channels of one trigger, at most. */
const BATCH = 10
const CHANNELS = 100
/** Requests on their way at once: what comes meanwhile gathers for the next. */
const AT_ONCE = 4

/** One frame for one channel, as it is given to the SDK. */
export interface Publication {
  readonly channel: string
  readonly data: unknown
  /** Bytes that the data has in the request, encrypted if it will be. */
  readonly size: number
}

/** What goes to Pusher over its HTTP API. */
export interface Publisher {
  /**
   * Resolves once Pusher has taken it. Of one channel the caller publishes one after the other: different channels
   * overtake one another.
   * @throws SynclineError `too-large`, `rate-limited`, `provider-refused` or `transport-failed`, as a rejection
   */
  publish(publication: Publication): Promise<void>
  /** An empty event on the channel. Rejects as `publish` does. */
  wake(channel: string): Promise<void>
}

interface Waiting<T> {
  readonly what: T
  resolve(): void
  reject(error: unknown): void
}

/**
 * Gathers what is published within one turn, and while requests are on their way, into as few requests as Pusher's
 * API allows. Bounded by its callers: each awaits its channel's last publication before the next.
 */
export const createPublisher = (pusher: Pusher, environment: HubEnvironment): Publisher => {
  const publications: Waiting<Publication>[] = []
  const wakes: Waiting<string>[] = []
  let requests = 0
  let scheduled = false

  const request = async <T>(taken: readonly Waiting<T>[], ask: Parameters<typeof call>[1]) => {
    requests++
    try {
      await call(environment, ask)
      for (const { resolve } of taken) resolve()
    } catch (error) {
      for (const { reject } of taken) reject(error)
    } finally {
      requests--
      flush()
    }
  }

  /** One refused event refuses its whole batch: then each goes alone, so that each gets its own answer. */
  const send = async (taken: readonly Waiting<Publication>[]) => {
    const [first] = taken
    if (taken.length === 1 && first)
      return request(taken, () => pusher.trigger(first.what.channel, FRAME_EVENT, first.what.data))
    const batch = taken.map(({ what: { channel, data } }) => ({ channel, name: FRAME_EVENT, data }))
    return request([retryAlone(taken)], () => pusher.triggerBatch(batch))
  }
  const retryAlone = (taken: readonly Waiting<Publication>[]): Waiting<undefined> => ({
    what: undefined,
    resolve: () => {
      for (const { resolve } of taken) resolve()
    },
    reject: (error) => {
      const isTheirs = error instanceof SynclineError && ['too-large', 'malformed-frame'].includes(error.code)
      for (const one of taken) isTheirs ? void send([one]) : one.reject(error)
    },
  })

  const flush = () => {
    while (requests < AT_ONCE && publications.length > 0) void send(publications.splice(0, BATCH))
    while (requests < AT_ONCE && wakes.length > 0) {
      const taken = wakes.splice(0, CHANNELS)
      void request(taken, () =>
        pusher.trigger([...new Set(taken.map(({ what }) => what))], FRAME_EVENT, null),
      )
    }
  }

  const add = <T>(waiting: Waiting<T>[], what: T): Promise<void> =>
    new Promise((resolve, reject) => {
      waiting.push({ what, resolve, reject })
      if (scheduled) return
      scheduled = true
      setImmediate(() => {
        scheduled = false
        flush()
      })
    })

  return {
    publish: (publication) =>
      publication.size > EVENT_BYTES
        ? Promise.reject(new SynclineError('too-large', { detail: `Pusher takes ${EVENT_BYTES} bytes.` }))
        : add(publications, publication),
    wake: (channel) => add(wakes, channel),
  }
}
