import type { DatabaseSync } from 'node:sqlite'
import type { Commit, CommitOutcome, CommitPlan, StoredMessage } from '../store/hub-store.ts'
import { type Staged, stage } from '../store/stage.ts'
import { outcomeText } from './outcome-text.ts'
import type { ChannelRow, Rows, StreamRow } from './rows.ts'
import { isStoreFailure } from './store-error.ts'
import type { Transactions } from './transactions.ts'

interface Planned {
  readonly plan: CommitPlan
  readonly row: StreamRow | undefined
  readonly staged: Staged<ChannelRow>
  /** The answer's outcome as its column holds it. */
  readonly outcome: string
}

/** Commits one group inside a running transaction. */
export const createCommitGroup = (db: DatabaseSync, rows: Rows, transactions: Transactions) => {
  const insertMessage = db.prepare(
    'INSERT INTO syncline_messages (channel, seq, id, timestamp, json) VALUES (?, ?, ?, ?, ?)',
  )
  const insertAnswer = db.prepare(
    'INSERT INTO syncline_answers (stream, n, id, hash, outcome) VALUES (?, ?, ?, ?, ?)',
  )

  const planned = (commit: Commit<DatabaseSync>): Planned => {
    const plan = commit.plan(db)
    const row = plan.stream && rows.findStream(plan.stream.key)
    const staged = stage(plan, rows.channel, row?.last ?? 0)
    return { plan, row, staged, outcome: staged.answer ? outcomeText(staged.answer.outcome) : '' }
  }

  const append = (place: ChannelRow, messages: readonly StoredMessage[]): void => {
    for (const { seq, id, timestamp, json } of messages) insertMessage.run(place.id, seq, id, timestamp, json)
    const end = messages.at(-1)!
    place.seq = end.seq
    place.lastId = end.id
    rows.changedChannel(place)
  }

  const write = ({ plan: { stream }, row, staged, outcome }: Planned, now: number): CommitOutcome => {
    const { appended, places, answer } = staged
    for (let index = 0; index < places.length; index++) append(places[index]!, appended[index]!.messages)
    if (stream && answer) {
      const target = row ?? rows.makeStream(stream.key, now)
      target.last = stream.n
      target.answered = Math.max(target.answered, Math.min(stream.answered, stream.n - 1))
      insertAnswer.run(target.id, answer.n, answer.id, answer.hash, outcome)
      rows.changedStream(target)
    }
    return { ok: true, appended, answer }
  }

  /** What a handler wrote goes if anything throws, and with it what was read or made meanwhile. */
  const isolated = (commit: Commit<DatabaseSync>): Planned => {
    try {
      return transactions.isolate(() => planned(commit))
    } catch (error) {
      rows.clear()
      throw error
    }
  }

  const commitOne = (commit: Commit<DatabaseSync>, now: number): CommitOutcome => {
    // A handler sees a database with all that was committed before it in the group.
    if (commit.isolated) rows.flush(now)
    let ready: Planned
    try {
      ready = commit.isolated ? isolated(commit) : planned(commit)
    } catch (error) {
      if (isStoreFailure(error) || transactions.ended()) throw error
      return { ok: false, error }
    }
    return write(ready, now)
  }

  return (group: readonly Commit<DatabaseSync>[], now: number): CommitOutcome[] => {
    const outcomes = group.map((commit) => commitOne(commit, now))
    rows.flush(now)
    return outcomes
  }
}
