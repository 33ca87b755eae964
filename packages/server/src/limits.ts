/** The hub's bounds. Every buffer has one; each says what happens when it is full. */
export interface Limits {
  /** Links at a time. More get a `bye` with `too-many-connections`. Default 50,000. */
  readonly connections: number
  /** Links that are not authenticated yet. More get a `bye` with `too-many-connections`. Default 10,000. */
  readonly opening: number
  /** Bytes of one delivery from a client. A larger one is answered with `too-large`. Default 1 MB. */
  readonly frameBytes: number
  /** Bytes of one message's data as JSON. A larger one is refused with `too-large`. Default 512 kB. */
  readonly messageBytes: number
  /** Bytes of one mutation's result as JSON. Default `frameBytes`; more is a failure of the handler. */
  readonly resultBytes: number
  /** Messages that one write may publish. Default 1,000; more is a failure of the handler. */
  readonly messagesPerWrite: number
  /** Channels that a connection joins at a time. More are refused with `too-many-channels`. Default 200. */
  readonly channels: number
  /** Writes of a stream without an answer. More are sent back with `too-many-writes`. Default 256. */
  readonly writesInFlight: number
  /**
   * Writes that a connection may make in a second, on average; after a quiet second, that many at once. More are
   * sent back with `rate-limited` before anything else is asked, and come again. Default: as many as there are.
   */
  readonly writesPerSecond: number
  /** Bytes of a connection's writes that wait or run. More are sent back with `too-many-writes`. Default 16 MB. */
  readonly pendingBytes: number
  /** Joins, fetches and snapshots of a connection at a time. More are answered with `rate-limited`. Default 500. */
  readonly requestsInFlight: number
  /** Bytes of one snapshot as JSON. A larger one is answered with `snapshot-failed`. Default 8 MB. */
  readonly snapshotBytes: number
  /** Snapshots that are read at a time, for all channels; more wait in line. Default 16. */
  readonly snapshotReads: number
  /** Frames that were not understood before the connection is closed. Default 20. */
  readonly malformedFrames: number
  /** Bytes queued for a slow client from which on messages wait at the hub. Default 1 MB. */
  readonly bufferedBytes: number
  /**
   * Bytes queued for a client that make it a slow one: it is cut with `slow-consumer` if there are still more
   * after `slowFor`, and at once if there are four times as many. One frame that is larger, sent to a client that
   * had room, does not count. Default 8 MB.
   */
  readonly cutBytes: number
  /** Milliseconds in which a client must take what is queued beyond `cutBytes`. Default 10 s. */
  readonly slowFor: number
  /** Milliseconds that one write to a client may take before it is cut with `slow-consumer`. Default 60 s. */
  readonly stalledFor: number
  /** Members of a channel. More are refused with `too-many-connections`. Default 10,000. */
  readonly members: number
  /** Bytes of what a member shares as JSON: its state, and its cursor. More is refused with `too-large`. Default 4 kB. */
  readonly presenceBytes: number
  /**
   * Changes of presence that a connection makes in a second, on average; after a quiet second, that many at once. What
   * is beyond is drawn together: the latest wins. Default 60.
   */
  readonly presencePerSecond: number
  /** Messages of one page of a join or fetch. Default 500. */
  readonly pageMessages: number
  /** Bytes of one page, about. Default 256 kB. */
  readonly pageBytes: number
  /** Messages of one frame of fan-out; what is beyond follows in the next turn. Default 64. */
  readonly fanOutMessages: number
  /** Bytes of one frame of fan-out, about. Default 256 kB. */
  readonly fanOutBytes: number
  /** Messages of a channel kept in memory; a client further behind fetches from the store. Default 1,024. */
  readonly recentMessages: number
  /** Bytes of a channel's messages kept in memory. Default 1 MB. */
  readonly recentBytes: number
  /** Channels kept in memory without anybody on them. Default 1,000; the longest unused is forgotten. */
  readonly idleChannels: number
  /** Write streams kept in memory. Default 10,000; the longest unused is read from the store again. */
  readonly streams: number
}

const kilobyte = 1024
const megabyte = 1024 * kilobyte

export const defaultLimits: Limits = {
  connections: 50_000,
  opening: 10_000,
  frameBytes: megabyte,
  messageBytes: 512 * kilobyte,
  resultBytes: megabyte,
  messagesPerWrite: 1_000,
  channels: 200,
  writesInFlight: 256,
  writesPerSecond: Number.POSITIVE_INFINITY,
  pendingBytes: 16 * megabyte,
  requestsInFlight: 500,
  snapshotBytes: 8 * megabyte,
  snapshotReads: 16,
  malformedFrames: 20,
  bufferedBytes: megabyte,
  cutBytes: 8 * megabyte,
  slowFor: 10_000,
  stalledFor: 60_000,
  members: 10_000,
  presenceBytes: 4 * kilobyte,
  presencePerSecond: 60,
  pageMessages: 500,
  pageBytes: 256 * kilobyte,
  fanOutMessages: 64,
  fanOutBytes: 256 * kilobyte,
  recentMessages: 1_024,
  recentBytes: megabyte,
  idleChannels: 1_000,
  streams: 10_000,
}
