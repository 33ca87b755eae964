/** The last event of each cache channel. */
export interface EventCache {
  /** @returns undefined where there is none, or it is too old */
  get(channel: string): CachedEvent | undefined
  set(channel: string, frame: string, data: string): void
}

export interface CachedEvent {
  readonly frame: string
  readonly data: string
  /** For how many milliseconds it stays. */
  readonly ttl: number
}

/** Channels that are kept at once; the one that was set longest ago goes first. */
const MAX_CHANNELS = 10_000

/** @param ttl milliseconds */
export const createEventCache = (ttl: number, now: () => number): EventCache => {
  const events = new Map<string, Omit<CachedEvent, 'ttl'> & { readonly expires: number }>()
  return {
    get: (channel) => {
      const event = events.get(channel)
      if (!event) return undefined
      const { expires, ...cached } = event
      const left = expires - now()
      if (left > 0) return { ...cached, ttl: left }
      events.delete(channel)
      return undefined
    },
    set: (channel, frame, data) => {
      events.delete(channel)
      events.set(channel, { frame, data, expires: now() + ttl })
      if (events.size > MAX_CHANNELS) events.delete(events.keys().next().value!)
    },
  }
}
