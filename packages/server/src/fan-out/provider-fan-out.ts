import { SynclineError } from '@syncline/core'
import type { LiveChannel } from '../channel/live-channel.ts'
import type { LiveChannels } from '../channel/live-channels.ts'
import type { HubEnvironment } from '../environment/hub-environment.ts'
import { withTimeout } from '../environment/timeout.ts'
import type { Gateway } from '../gateway/gateway.ts'
import type { Limits } from '../limits.ts'
import { idAt } from '../log/read-log.ts'
import type { Logger } from '../logger.ts'
import type { HubStore, StoredMessage } from '../store/hub-store.ts'
import { messagesFrameJson } from './frame-json.ts'
import { outgoingJson } from './outgoing-frame.ts'
import type { Pace } from './pace.ts'

/** A gateway whose provider fans out by itself. */
export type ProviderGateway = Gateway & Required<Pick<Gateway, 'publish'>>

export interface ProviderFanOut {
  /** Goes on from the durable cursors: what was committed and not published before a crash. */
  start(): Promise<void>
  /** The channel has something new. */
  kick(channel: string): void
  stop(): void
}

/** Milliseconds between attempts: doubled from the first to the last, by chance between nothing and that. */
const firstDelay = 1_000
const longestDelay = 30_000
/** Milliseconds that a provider may take. Longer counts as a failure: the frame is published again. */
const publishTimeout = 30_000
/** Cursors kept in memory, of channels that are idle; the others are read from the store again. */
const keptCursors = 10_000

/**
 * Brings committed messages to a provider, in order and at least once: the cursor moves only after the provider
 * took them. One worker for each channel, all at the pace that the provider allows.
 */
export const createProviderFanOut = (options: {
  readonly gateway: ProviderGateway
  /** Shared by all that ask this provider for anything. */
  readonly pace: Pace
  readonly store: HubStore
  readonly channels: LiveChannels
  readonly environment: HubEnvironment
  readonly limits: Limits
  readonly logger: Logger
}): ProviderFanOut => {
  const { gateway, pace, store, channels, environment, limits, logger } = options
  const workers = new Set<string>()
  /** Those that have something new since their last step began. */
  const again = new Set<string>()
  const cursors = new Map<string, number>()
  let failing = false
  let stopped = false

  const late = (): SynclineError => new SynclineError('transport-failed', { detail: 'It took too long.' })

  /** @param before the id of the message before these */
  const send = async (
    live: LiveChannel,
    messages: readonly StoredMessage[],
    before: string | undefined,
  ): Promise<void> => {
    const head = messages.length === 0 || (messages.at(-1)?.seq ?? 0) < live.head.seq ? live.head : undefined
    const frame = outgoingJson(messagesFrameJson(live.name, live.head.epoch, messages, head, before))
    await pace.run(() => {
      // Its turn may come only after the hub was closed.
      if (stopped) throw new SynclineError('closed')
      return withTimeout(environment, gateway.publish(live.name, frame), publishTimeout, late)
    })
    if (failing) logger.info({ gateway: gateway.name }, 'a provider takes messages again')
    failing = false
  }

  /** As one frame, else in halves, else only the head: the client fetches what is too large for the provider. */
  const publish = async (
    live: LiveChannel,
    messages: readonly StoredMessage[],
    before: string | undefined,
  ): Promise<void> => {
    try {
      await send(live, messages, before)
    } catch (error) {
      const code = error instanceof SynclineError ? error.code : undefined
      // Clients cannot be on a channel that the provider has no name for: nobody misses anything.
      if (code === 'invalid-channel') return
      if (code !== 'too-large' || messages.length === 0) throw error
      if (messages.length === 1) return send(live, [], undefined)
      const half = Math.ceil(messages.length / 2)
      await publish(live, messages.slice(0, half), before)
      await publish(live, messages.slice(half), messages[half - 1]?.id)
    }
  }

  const after = async (live: LiveChannel, cursor: number): Promise<readonly StoredMessage[]> => {
    if (live.recent.covers(cursor))
      return live.recent.after(cursor, limits.fanOutMessages, limits.fanOutBytes)
    if (live.head.seq - cursor > limits.recentMessages) return []
    return store.read(live.name, cursor, limits.fanOutMessages, limits.fanOutBytes)
  }

  const next = async (live: LiveChannel): Promise<boolean> => {
    await live.loading
    const known = cursors.get(live.name) ?? (await store.cursor(gateway.name, live.name))
    const { seq } = live.head
    // A cursor beyond the head belongs to a log that is no more.
    const cursor = known > seq ? 0 : known
    if (cursor === seq) {
      cursors.set(live.name, seq)
      return false
    }
    const before = await idAt(store, live, cursor)
    const messages = await after(live, cursor)
    // What cannot say which message it follows is for the client to fetch.
    const whole = before !== undefined && messages[0]?.seq === cursor + 1 ? messages : []
    await publish(live, whole, whole.length > 0 ? before : undefined)
    const through = whole.at(-1)?.seq ?? seq
    await store.setCursor(gateway.name, live.name, through)
    cursors.set(live.name, through)
    return true
  }

  /** Asks for the channel each time: one whose head could not be read is made anew. */
  const step = async (name: string): Promise<boolean> => {
    const live = channels.use(name)
    try {
      return await next(live)
    } finally {
      channels.released(live)
    }
  }

  const pause = (failures: number, error: unknown): Promise<void> => {
    const asked = pace.heed(error)
    const longest = Math.min(longestDelay, firstDelay * 2 ** failures)
    return new Promise((resolve) => environment.setTimer(asked + environment.random() * longest, resolve))
  }

  const failed = (name: string, error: unknown): void => {
    const fields = { gateway: gateway.name, channel: name, error }
    if (failing) logger.debug(fields, 'a provider still does not take a message')
    else logger.warn(fields, 'a provider did not take a message')
    failing = true
  }

  const work = async (name: string): Promise<void> => {
    let failures = 0
    let more = true
    while (more && !stopped)
      try {
        again.delete(name)
        more = (await step(name)) || again.has(name)
        failures = 0
      } catch (error) {
        if (stopped) break
        failed(name, error)
        await pause(failures++, error)
      }
    workers.delete(name)
    again.delete(name)
    if (cursors.size > keptCursors) cursors.delete(cursors.keys().next().value ?? name)
  }

  const kick = (name: string): void => {
    if (stopped) return
    if (workers.has(name)) {
      again.add(name)
      return
    }
    workers.add(name)
    void work(name)
  }

  const kickBehind = async (): Promise<void> => {
    for (const [name, { head }] of await store.channels())
      if (!stopped && (await store.cursor(gateway.name, name)) !== head.seq) kick(name)
  }

  return {
    kick,
    start: async () => {
      for (let failures = 0; !stopped; failures++)
        try {
          return await kickBehind()
        } catch (error) {
          logger.warn({ gateway: gateway.name, error }, 'the fan-out cursors could not be read')
          await pause(failures, undefined)
        }
    },
    stop: () => {
      stopped = true
    },
  }
}
