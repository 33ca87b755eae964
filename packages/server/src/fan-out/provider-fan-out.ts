import { SynclineError } from '@syncline/core'
import type { LiveChannel } from '../channel/live-channel.ts'
import type { LiveChannels } from '../channel/live-channels.ts'
import type { HubEnvironment } from '../environment/hub-environment.ts'
import type { Gateway } from '../gateway/gateway.ts'
import type { Limits } from '../limits.ts'
import type { Logger } from '../logger.ts'
import type { HubStore, StoredMessage } from '../store/hub-store.ts'
import { messagesFrameJson } from './frame-json.ts'
import { outgoingJson } from './outgoing-frame.ts'

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

/**
 * Brings committed messages to a provider, in order and at least once: the cursor moves only after the provider
 * took them. One worker for each channel.
 */
export const createProviderFanOut = (options: {
  readonly gateway: ProviderGateway
  readonly store: HubStore
  readonly channels: LiveChannels
  readonly environment: HubEnvironment
  readonly limits: Limits
  readonly logger: Logger
}): ProviderFanOut => {
  const { gateway, store, channels, environment, limits, logger } = options
  const workers = new Set<string>()
  /** Those that have something new since their last step began. */
  const again = new Set<string>()
  const cursors = new Map<string, number>()
  let stopped = false

  const send = (live: LiveChannel, messages: readonly StoredMessage[]): Promise<void> => {
    const head = messages.length === 0 || (messages.at(-1)?.seq ?? 0) < live.head.seq ? live.head : undefined
    return gateway.publish(
      live.name,
      outgoingJson(messagesFrameJson(live.name, live.head.epoch, messages, head)),
    )
  }

  /** As one frame, else one by one, else only the head: the client fetches what is too large for the provider. */
  const publish = async (live: LiveChannel, messages: readonly StoredMessage[]): Promise<void> => {
    try {
      await send(live, messages)
    } catch (error) {
      if (!(error instanceof SynclineError && error.code === 'too-large') || messages.length === 0)
        throw error
      if (messages.length === 1) return send(live, [])
      for (const message of messages) await publish(live, [message])
    }
  }

  const next = async (live: LiveChannel): Promise<boolean> => {
    await live.loading
    const cursor = cursors.get(live.name) ?? (await store.cursor(gateway.name, live.name))
    const { seq } = live.head
    if (cursor >= seq) {
      // A cursor beyond the head belongs to a log that is no more.
      if (cursor > seq) await store.setCursor(gateway.name, live.name, seq)
      cursors.set(live.name, seq)
      return false
    }
    const tooFar = seq - cursor > limits.recentMessages
    const messages = tooFar
      ? []
      : await store.read(live.name, cursor, limits.fanOutMessages, limits.fanOutBytes)
    const whole = messages[0]?.seq === cursor + 1 ? messages : []
    await publish(live, whole)
    const through = whole.at(-1)?.seq ?? seq
    await store.setCursor(gateway.name, live.name, through)
    cursors.set(live.name, through)
    return true
  }

  /** Asks for the channel each time: one whose head could not be read is made anew. */
  const step = async (name: string): Promise<boolean> => {
    const live = channels.get(name)
    live.users++
    try {
      return await next(live)
    } finally {
      live.users--
    }
  }

  const pause = (failures: number): Promise<void> =>
    new Promise((resolve) => {
      const longest = Math.min(longestDelay, firstDelay * 2 ** failures)
      environment.setTimer(environment.random() * longest, resolve)
    })

  const work = async (name: string): Promise<void> => {
    let failures = 0
    let more = true
    while (more && !stopped)
      try {
        again.delete(name)
        more = (await step(name)) || again.has(name)
        failures = 0
      } catch (error) {
        logger.warn({ gateway: gateway.name, channel: name, error }, 'a provider did not take a message')
        await pause(failures++)
      }
    workers.delete(name)
    again.delete(name)
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

  return {
    kick,
    start: async () => {
      for (const [name] of await store.channels()) kick(name)
    },
    stop: () => {
      stopped = true
    },
  }
}
