import type { DatabaseSync } from 'node:sqlite'
import type { ChannelRecord, StoredAnswer, StoredMessage } from '../store/hub-store.ts'
import { readOutcome } from './outcome-text.ts'
import type { ChannelRow } from './rows.ts'

type Row = Record<string, unknown>

const messageOf = (epoch: string, row: Row): StoredMessage => ({
  epoch,
  seq: row.seq as number,
  id: row.id as string,
  timestamp: row.timestamp as number,
  json: row.json as string,
})

const answerOf = (row: Row): StoredAnswer => ({
  n: row.n as number,
  id: row.id as string,
  hash: row.hash as string,
  outcome: readOutcome(row.outcome as string),
})

export const recordOf = ({ epoch, seq, lastId, oldest }: ChannelRow): ChannelRecord => ({
  head: { epoch, seq, id: lastId },
  oldest,
})

/** What is read from the file and never cached. */
export const createReads = (db: DatabaseSync) => {
  const channels = db.prepare('SELECT name, epoch, seq, last_id, oldest FROM syncline_channels WHERE seq > 0')
  const columns = 'seq, id, timestamp, json'
  const at = db.prepare(`SELECT ${columns} FROM syncline_messages WHERE channel = ? AND seq = ?`)
  const after = db.prepare(
    `SELECT ${columns} FROM syncline_messages WHERE channel = ? AND seq > ? ORDER BY seq LIMIT ?`,
  )
  const answers = db.prepare('SELECT n, id, hash, outcome FROM syncline_answers WHERE stream = ? ORDER BY n')
  return {
    channels: (): (readonly [string, ChannelRecord])[] =>
      channels.all().map((row) => [
        row.name as string,
        {
          head: { epoch: row.epoch as string, seq: row.seq as number, id: row.last_id as string },
          oldest: row.oldest as number,
        },
      ]),
    at: (channel: ChannelRow, seq: number): StoredMessage | undefined => {
      const row = at.get(channel.id, seq)
      return row && messageOf(channel.epoch, row)
    },
    page: (channel: ChannelRow, from: number, limit: number, bytes: number): StoredMessage[] => {
      const page: StoredMessage[] = []
      let left = bytes
      for (const row of after.iterate(channel.id, from, limit)) {
        left -= (row.json as string).length
        if (left < 0 && page.length > 0) break
        page.push(messageOf(channel.epoch, row))
      }
      return page
    },
    answers: (stream: number): StoredAnswer[] => answers.all(stream).map(answerOf),
  }
}

export type Reads = ReturnType<typeof createReads>
