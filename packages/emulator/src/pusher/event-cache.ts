/** The last event of each cache channel. */
export interface EventCache {
  /** @returns undefined where there is none, or it is too old */
  get(channel: string): CachedEvent | undefined
  set(channel: string, frame: string, data: string): void
}

export interface CachedEvent {
  readonly frame: string
  readonly data: string
  /** When it goes, in milliseconds of `Date.now()`. */
  readonly expires: number
}

/** Channels that are kept at once; the one that was set longest ago goes first. */
const MAX_CHANNELS = 10_000

/** @param ttl milliseconds */
export const createEventCache = (ttl: number): EventCache => {
  const events = new Map<string, CachedEvent>()
  return {
    get: (channel) => {
      const event = events.get(channel)
      if (!event || event.expires > Date.now()) return event
      events.delete(channel)
      return undefined
    },
    set: (channel, frame, data) => {
      events.delete(channel)
      events.set(channel, { frame, data, expires: Date.now() + ttl })
      if (events.size > MAX_CHANNELS) events.delete(events.keys().next().value!)
    },
  }
}
