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
/** Requests of a kind on their way at once: what comes meanwhile gathers for the next. */
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
 * Gathers what comes within one turn, and while requests are on their way, `most` to a request. Bounded by its
 * callers: each awaits its channel's last publication before the next.
 */
const createLine = <T>(most: number, send: (taken: readonly Waiting<T>[]) => Promise<void>) => {
  const waiting: Waiting<T>[] = []
  let requests = 0
  let scheduled = false
  const flush = () => {
    scheduled = false
    while (requests < AT_ONCE && waiting.length > 0) {
      requests++
      void send(waiting.splice(0, most)).finally(() => {
        requests--
        flush()
      })
    }
  }
  return (what: T): Promise<void> =>
    new Promise((resolve, reject) => {
      waiting.push({ what, resolve, reject })
      if (!scheduled) setImmediate(flush)
      scheduled = true
    })
}

/** Publishes and wakes in as few requests as Pusher's API allows; neither waits for the other. */
export const createPublisher = (pusher: Pusher, environment: HubEnvironment): Publisher => {
  const settle = async (
    taken: readonly Waiting<unknown>[],
    ask: Parameters<typeof call>[1],
    refused?: () => Promise<unknown>,
  ) => {
    try {
      await call(environment, ask)
      for (const { resolve } of taken) resolve()
    } catch (error) {
      const isTheirs = error instanceof SynclineError && ['too-large', 'malformed-frame'].includes(error.code)
      if (isTheirs && refused) await refused()
      else for (const { reject } of taken) reject(error)
    }
  }
  const alone = (one: Waiting<Publication>) =>
    settle([one], () => pusher.trigger(one.what.channel, FRAME_EVENT, one.what.data))

  const publish = createLine<Publication>(BATCH, async (taken) => {
    const [first] = taken
    if (taken.length === 1 && first) return alone(first)
    const batch = taken.map(({ what: { channel, data } }) => ({ channel, name: FRAME_EVENT, data }))
    // One refused event refuses its whole batch: then each goes alone, so that each gets its own answer.
    await settle(
      taken,
      () => pusher.triggerBatch(batch),
      () => Promise.all(taken.map(alone)),
    )
  })
  const wake = createLine<string>(CHANNELS, (taken) =>
    settle(taken, () => pusher.trigger([...new Set(taken.map(({ what }) => what))], FRAME_EVENT, null)),
  )

  return {
    publish: (publication) =>
      publication.size > EVENT_BYTES
        ? Promise.reject(new SynclineError('too-large', { detail: `Pusher takes ${EVENT_BYTES} bytes.` }))
        : publish(publication),
    wake,
  }
}
