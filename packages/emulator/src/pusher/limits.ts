/** What Pusher allows and what the emulator enforces. Sizes in bytes, times in milliseconds. */
export interface PusherLimits {
  /** Open connections of the app; more are closed with 4004. Default: 1,000. */
  readonly connections: number
  /** Channels of one connection. Default: 1,000 (Pusher names no number; the emulator's memory needs one). */
  readonly channelsPerConnection: number
  /** Members of a presence channel. Default: 100. */
  readonly members: number
  /** `channel_data` of a member. Default: 1,024. */
  readonly memberBytes: number
  /** User ids in a watchlist; more are refused with 4302. Default: 100. */
  readonly watchlist: number
  /** Characters of an event's name. Default: 200. */
  readonly eventName: number
  /** Data of one event, triggered over REST (413) or by a client. Default: 10,240. */
  readonly eventBytes: number
  /** Events in one batch. Default: 10. */
  readonly batch: number
  /** Channels in one trigger. Default: 100. */
  readonly channelsPerTrigger: number
  /** Client events a second and connection; more are refused with 4301. Default: 10. */
  readonly clientEventsPerSecond: number
  /** Silence of a client after which it is pinged; clients are told it, too. Default: 120,000. */
  readonly activityTimeout: number
  /** How long a ping may stay unanswered before the connection is closed with 4201. Default: 30,000. */
  readonly pongTimeout: number
  /** How long a cache channel keeps its last event. Default: 1,800,000. */
  readonly cacheTtl: number
}

export const DEFAULT_LIMITS: PusherLimits = {
  connections: 1_000,
  channelsPerConnection: 1_000,
  members: 100,
  memberBytes: 1_024,
  watchlist: 100,
  eventName: 200,
  eventBytes: 10_240,
  batch: 10,
  channelsPerTrigger: 100,
  clientEventsPerSecond: 10,
  activityTimeout: 120_000,
  pongTimeout: 30_000,
  cacheTtl: 1_800_000,
}
