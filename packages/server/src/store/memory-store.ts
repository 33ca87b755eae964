import { SynclineError } from '@syncline/core'
import type {
  ChannelRecord,
  Commit,
  CommitOutcome,
  HubStore,
  StoredAnswer,
  StoredMessage,
  StreamKey,
} from './hub-store.ts'
import { stage } from './stage.ts'
import { streamName } from './stream-name.ts'

interface Log {
  readonly epoch: string
  seq: number
  lastId: string
  /** The `seq` of `messages[0]`. */
  oldest: number
  messages: StoredMessage[]
}

interface Stream {
  last: number
  answers: StoredAnswer[]
  used: number
}

const record = (log: Log): ChannelRecord => ({
  head: { epoch: log.epoch, seq: log.seq, id: log.lastId },
  oldest: log.oldest,
})

const append = (log: Log, messages: readonly StoredMessage[]): void => {
  for (const message of messages) log.messages.push(message)
  const end = messages.at(-1)!
  log.seq = end.seq
  log.lastId = end.id
}

/** Forgets the answers up to `answered`; they ascend by number. */
const forget = (stream: Stream, answered: number): void => {
  const first = stream.answers[0]
  if (!first || first.n > answered) return
  const keep = stream.answers.findIndex(({ n }) => n > answered)
  stream.answers = keep < 0 ? [] : stream.answers.slice(keep)
}

/** How many of the oldest messages are past one of the bounds. */
const excess = (log: Log, count: number, since: number): number => {
  let drop = Math.max(0, log.messages.length - count)
  while (drop < log.messages.length && log.messages[drop]!.timestamp < since) drop++
  return drop
}

/**
 * A hub store in memory: for tests, development and hubs whose history may go with the process. After a
 * restart every channel has a new epoch, so clients go on from a snapshot, and writes that were under way are
 * parked as `outcome-unknown`. Handlers get no database (`undefined`).
 *
 * @example
 * const hub = createHub({ store: memoryStore(), … })
 */
export const memoryStore = (): HubStore<undefined> => {
  const logs = new Map<string, Log>()
  const streams = new Map<string, Stream>()
  const cursors = new Map<string, Map<string, number>>()
  let environment: { now(): number; id(): string } | undefined
  /** The stream of the commit before, as its key is mostly the same object. */
  let lastKey: StreamKey | undefined
  let lastStream: Stream | undefined

  const opened = (): { now(): number; id(): string } => {
    if (!environment) throw new SynclineError('store-unavailable', { detail: 'The store is not open.' })
    return environment
  }
  const logOf = (name: string): Log => {
    let log = logs.get(name)
    if (!log) {
      log = { epoch: opened().id(), seq: 0, lastId: '', oldest: 1, messages: [] }
      logs.set(name, log)
    }
    return log
  }

  const streamOf = (key: StreamKey): Stream | undefined => {
    // A client's writes come many at a time: its stream is looked up once for them.
    if (key !== lastKey) {
      lastKey = key
      lastStream = streams.get(streamName(key))
    }
    return lastStream
  }
  const makeStream = (key: StreamKey): Stream => {
    const stream = { last: 0, answers: [], used: 0 }
    streams.set(streamName(key), stream)
    lastKey = key
    lastStream = stream
    return stream
  }

  const commitOne = (commit: Commit<undefined>, now: number): CommitOutcome => {
    const plan = commit.plan(undefined)
    const stream = plan.stream && streamOf(plan.stream.key)
    const { appended, places, answer } = stage(plan, logOf, stream?.last ?? 0)
    for (let index = 0; index < places.length; index++) append(places[index]!, appended[index]!.messages)
    if (plan.stream && answer) {
      const target = stream ?? makeStream(plan.stream.key)
      target.last = plan.stream.n
      target.used = now
      target.answers.push(answer)
      forget(target, Math.min(plan.stream.answered, plan.stream.n - 1))
    }
    return { ok: true, appended, answer }
  }

  return {
    name: 'memory',
    durable: false,
    db: undefined,
    open: async (given) => {
      environment = given
    },
    channel: async (name) => {
      opened()
      return record(logOf(name))
    },
    channels: async () => {
      opened()
      return [...logs].filter(([, log]) => log.seq > 0).map(([name, log]) => [name, record(log)] as const)
    },
    at: async (channel, seq) => {
      opened()
      const log = logs.get(channel)
      return log?.messages[seq - log.oldest]
    },
    read: async (channel, after, limit, bytes) => {
      opened()
      const log = logs.get(channel)
      const page: StoredMessage[] = []
      if (!log) return page
      let left = bytes
      for (let i = Math.max(0, after + 1 - log.oldest); i < log.messages.length && page.length < limit; i++) {
        const message = log.messages[i]!
        left -= message.json.length
        if (left < 0 && page.length > 0) break
        page.push(message)
      }
      return page
    },
    stream: async (key) => {
      opened()
      const stream = streams.get(streamName(key))
      return stream && { last: stream.last, answers: [...stream.answers] }
    },
    commit: async (group) => {
      const now = opened().now()
      const outcomes: CommitOutcome[] = []
      for (const commit of group)
        try {
          outcomes.push(commitOne(commit, now))
        } catch (error) {
          outcomes.push({ ok: false, error })
        }
      return outcomes
    },
    trim: async (retention, streamAge) => {
      const now = opened().now()
      for (const [name, log] of logs) {
        const { count, age } = retention(name)
        const drop = excess(log, count, now - age)
        log.messages.splice(0, drop)
        log.oldest += drop
      }
      for (const [name, stream] of streams) if (now - stream.used > streamAge) streams.delete(name)
      lastKey = undefined
    },
    cursor: async (gateway, channel) => {
      opened()
      return cursors.get(gateway)?.get(channel) ?? 0
    },
    setCursor: async (gateway, channel, seq) => {
      opened()
      const of = cursors.get(gateway) ?? new Map<string, number>()
      cursors.set(gateway, of.set(channel, seq))
    },
    close: async () => {
      environment = undefined
    },
  }
}
