/** Ably's limits and times; the defaults are those of its free package. Times are in milliseconds. */
export interface AblyLimits {
  /** How long a dropped connection can be resumed or recovered. Default: 120 000. */
  readonly connectionStateTtl: number
  /** After this long a dropped connection's members leave. Default: 15 000. */
  readonly presenceGrace: number
  /** Something is sent at least this often. Default: 15 000. */
  readonly maxIdleInterval: number
  /** A client is asked for a new token this long before the old one expires. Default: 30 000. */
  readonly reauthMargin: number
  /** How long messages are kept for history, rewind and resume. Default: 120 000. */
  readonly retention: number
  /** Messages kept a channel; the oldest make room. Default: 10 000. */
  readonly retainedMessages: number
  /** Bytes kept a channel; the oldest make room. Default: 16 MiB. */
  readonly retainedBytes: number
  /** Bytes of one publish: names, client ids, extras and data together. Default: 65 536. */
  readonly maxMessageSize: number
  /** Messages a second that one connection may send (42911). Default: 50. */
  readonly connectionRate: number
  /** Messages a second that one channel takes (42913). Default: 50. */
  readonly channelRate: number
  /** Members of one channel (91003). Default: 200. */
  readonly presenceMembers: number
  /** Channels that one connection may attach to (90010). Default: 200. */
  readonly channelsPerConnection: number
}

export const defaultLimits: AblyLimits = {
  connectionStateTtl: 120_000,
  presenceGrace: 15_000,
  maxIdleInterval: 15_000,
  reauthMargin: 30_000,
  retention: 120_000,
  retainedMessages: 10_000,
  retainedBytes: 16 * 1024 * 1024,
  maxMessageSize: 65_536,
  connectionRate: 50,
  channelRate: 50,
  presenceMembers: 200,
  channelsPerConnection: 200,
}
