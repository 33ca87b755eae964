import type { DatabaseSync } from 'node:sqlite'
import { SynclineError } from '@syncline/core'
import type { StreamKey } from '../store/hub-store.ts'
import { streamName } from '../store/stream-name.ts'

/** A channel's row, with what the running transaction has added to it. */
export interface ChannelRow {
  readonly id: number
  readonly epoch: string
  seq: number
  lastId: string
  oldest: number
  /** `seq` as it stands in the file. */
  stored: number
}

/** A write stream's row, with what the running transaction has added to it. */
export interface StreamRow {
  readonly id: number
  last: number
  answered: number
  /** `last` and `answered` as they stand in the file. */
  stored: number
  pruned: number
}

/** Rows kept in memory; beyond it they are read again. */
const bound = 20_000

const isMissing = (row: unknown): row is undefined => row === undefined

/**
 * The rows that commits work on. The fence makes this process the only writer, so they are read once; their
 * changes reach the file in `flush`, once for each row and group, compared with what was there.
 */
export const createRows = (db: DatabaseSync, newEpoch: () => string) => {
  const channels = new Map<string, ChannelRow>()
  const streams = new Map<string, StreamRow>()
  const dirtyChannels = new Set<ChannelRow>()
  const dirtyStreams = new Set<StreamRow>()

  const selectChannel = db.prepare(
    'SELECT id, epoch, seq, last_id, oldest FROM syncline_channels WHERE name = ?',
  )
  const insertChannel = db.prepare('INSERT INTO syncline_channels (name, epoch) VALUES (?, ?)')
  const updateChannel = db.prepare(
    'UPDATE syncline_channels SET seq = ?, last_id = ? WHERE id = ? AND seq = ?',
  )
  const selectStream = db.prepare(
    `SELECT id, last, answered FROM syncline_streams
     WHERE subject = ? AND client = ? AND channel = ? AND generation = ?`,
  )
  const insertStream = db.prepare(
    'INSERT INTO syncline_streams (subject, client, channel, generation, used) VALUES (?, ?, ?, ?, ?)',
  )
  const updateStream = db.prepare(
    'UPDATE syncline_streams SET last = ?, answered = ?, used = ? WHERE id = ? AND last = ?',
  )
  const deleteAnswers = db.prepare('DELETE FROM syncline_answers WHERE stream = ? AND n <= ?')

  const one = (changes: number | bigint): void => {
    if (changes !== 1)
      throw new SynclineError('store-unavailable', { detail: 'The log was changed by somebody else.' })
  }

  const findChannel = (name: string): ChannelRow | undefined => {
    const known = channels.get(name)
    if (known) return known
    const row = selectChannel.get(name)
    if (isMissing(row)) return undefined
    const seq = row.seq as number
    const found = {
      id: row.id as number,
      epoch: row.epoch as string,
      seq,
      lastId: row.last_id as string,
      oldest: row.oldest as number,
      stored: seq,
    }
    channels.set(name, found)
    return found
  }
  const makeChannel = (name: string): ChannelRow => {
    const epoch = newEpoch()
    const id = Number(insertChannel.run(name, epoch).lastInsertRowid)
    const made = { id, epoch, seq: 0, lastId: '', oldest: 1, stored: 0 }
    channels.set(name, made)
    return made
  }

  const findStream = (key: StreamKey, name = streamName(key)): StreamRow | undefined => {
    const known = streams.get(name)
    if (known) return known
    const row = selectStream.get(key.subject, key.client, key.channel, key.generation)
    if (isMissing(row)) return undefined
    const last = row.last as number
    const answered = row.answered as number
    const found = { id: row.id as number, last, answered, stored: last, pruned: answered }
    streams.set(name, found)
    return found
  }
  const makeStream = (key: StreamKey, now: number): StreamRow => {
    const { subject, client, channel, generation } = key
    const id = Number(insertStream.run(subject, client, channel, generation, now).lastInsertRowid)
    const made = { id, last: 0, answered: 0, stored: 0, pruned: 0 }
    streams.set(streamName(key), made)
    return made
  }

  const flush = (now: number): void => {
    for (const row of dirtyChannels) {
      one(updateChannel.run(row.seq, row.lastId, row.id, row.stored).changes)
      row.stored = row.seq
    }
    dirtyChannels.clear()
    for (const row of dirtyStreams) {
      one(updateStream.run(row.last, row.answered, now, row.id, row.stored).changes)
      row.stored = row.last
      if (row.answered > row.pruned) deleteAnswers.run(row.id, row.answered)
      row.pruned = row.answered
    }
    dirtyStreams.clear()
  }

  const clear = (): void => {
    channels.clear()
    streams.clear()
    dirtyChannels.clear()
    dirtyStreams.clear()
  }

  return {
    findChannel,
    /** Only inside a transaction. */
    channel: (name: string): ChannelRow => findChannel(name) ?? makeChannel(name),
    findStream,
    /** Only inside a transaction. */
    makeStream,
    changedChannel: (row: ChannelRow): void => void dirtyChannels.add(row),
    changedStream: (row: StreamRow): void => void dirtyStreams.add(row),
    /** Writes what changed; inside the transaction that changed it. */
    flush,
    /** After a transaction that did not end well: what is in memory is not what is in the file. */
    clear,
    forgetStreams: (): void => streams.clear(),
    /** Between transactions: keeps memory bounded. */
    relax: (): void => {
      if (channels.size > bound) channels.clear()
      if (streams.size > bound) streams.clear()
    },
  }
}

export type Rows = ReturnType<typeof createRows>
