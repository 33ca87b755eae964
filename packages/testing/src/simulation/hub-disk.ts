import { SynclineError } from '@syncline/core'
import type { Effect } from '@syncline/core/protocol'
import type {
  Commit,
  CommitOutcome,
  HubStore,
  StoredAnswer,
  StoredMessage,
  StreamKey,
} from '@syncline/server'
import type { Chance } from './chance.ts'
import type { Machine } from './machine.ts'

interface Log {
  readonly epoch: string
  seq: number
  lastId: string
  oldest: number
  messages: StoredMessage[]
}

interface Stream {
  readonly key: StreamKey
  last: number
  answers: StoredAnswer[]
  used: number
}

/** What is durable. */
interface Contents {
  readonly logs: Map<string, Log>
  readonly streams: Map<string, Stream>
  readonly cursors: Map<string, number>
  readonly tables: Map<string, unknown>
}

/** The app's own tables: what a `transaction` handler gets as `db`. */
export interface HubTables {
  get(key: string): unknown
  set(key: string, value: unknown): void
}

/** One commit as it became durable. */
export interface DurableCommit {
  readonly appended: readonly { readonly channel: string; readonly messages: readonly StoredMessage[] }[]
  readonly stream: StreamKey | undefined
  readonly answer: StoredAnswer | undefined
}

/** A disk of hubs: it outlives their processes, and can be backed up, restored and lost. */
export interface HubDisk {
  /** The store as one process sees it: what it had not committed when it dies is not there. */
  store(machine: Machine): HubStore<HubTables>
  /** While set, nothing can be read or written. */
  down: boolean
  /** While set, nothing can be written; what is there can be read. */
  full: boolean
  /** So many of the next commits become durable, and fail all the same. */
  unanswered: number
  /** Milliseconds that one operation takes at most. Default 3. */
  latency: number
  /** Returns the way back to what is durable now. Only while no process uses the disk. */
  backup(): () => void
  /** Everything is gone. */
  wipe(): void
  /** How often it went back to a backup or lost everything. */
  readonly setbacks: number
  /** True if this is a place in the log as it is now, and nothing after it was dropped. */
  holds(channel: string, at: { readonly epoch: string; readonly seq: number; readonly id: string }): boolean
  /** Streams with their last numbers and answers, as they are durable. */
  readonly streams: Iterable<{ readonly key: StreamKey; readonly answers: readonly StoredAnswer[] }>
  /** The app's own tables as they are durable. */
  readonly tables: ReadonlyMap<string, unknown>
  head(channel: string): { readonly epoch: string; readonly seq: number; readonly id: string } | undefined
}

export interface HubDiskOptions {
  readonly chance: Chance
  /** Called as a commit becomes durable, before its process hears of it. */
  readonly committed?: (commit: DurableCommit) => void
  /** Called each time that a fault takes effect. */
  readonly happened?: (fault: 'store outage' | 'hub disk full' | 'commit unanswered' | 'slow store') => void
}

/** Milliseconds that one operation takes at most on a disk that is well. */
const LATENCY = 3

const createContents = (): Contents => ({
  logs: new Map(),
  streams: new Map(),
  cursors: new Map(),
  tables: new Map(),
})

const streamName = ({ subject, client, channel, generation }: StreamKey): string =>
  JSON.stringify([subject, client, channel, generation])

/** Everything inside is replaced and never changed, but logs and streams, which are copied. */
const copyOf = ({ logs, streams, cursors, tables }: Contents): Contents => ({
  logs: new Map(Array.from(logs, ([name, log]) => [name, { ...log, messages: [...log.messages] }])),
  streams: new Map(
    Array.from(streams, ([name, stream]) => [name, { ...stream, answers: [...stream.answers] }]),
  ),
  cursors: new Map(cursors),
  tables: new Map(tables),
})

const unavailable = (detail: string): SynclineError => new SynclineError('store-unavailable', { detail })

export const createHubDisk = ({
  chance,
  committed = () => {},
  happened = () => {},
}: HubDiskOptions): HubDisk => {
  let contents = createContents()
  let fence = 0
  let epochs = 0
  let setbacks = 0

  const logOf = (name: string): Log => {
    let log = contents.logs.get(name)
    if (!log) {
      log = { epoch: `epoch-${++epochs}`, seq: 0, lastId: '', oldest: 1, messages: [] }
      contents.logs.set(name, log)
    }
    return log
  }
  const recordOf = (log: Log) => ({
    head: { epoch: log.epoch, seq: log.seq, id: log.lastId },
    oldest: log.oldest,
  })

  /** Plans and writes one commit; throws before anything is written. */
  const commitOne = (commit: Commit<HubTables>, now: number): CommitOutcome => {
    const { tables } = contents
    const before = commit.isolated ? new Map(tables) : undefined
    try {
      return write(commit.plan(tables), now)
    } catch (error) {
      if (before) {
        tables.clear()
        for (const [key, value] of before) tables.set(key, value)
      }
      return { ok: false, error }
    }
  }
  const write = (plan: ReturnType<Commit<HubTables>['plan']>, now: number): CommitOutcome => {
    const { stream: marked } = plan
    const stream = marked && contents.streams.get(streamName(marked.key))
    if (marked && marked.n !== (stream?.last ?? 0) + 1)
      throw new SynclineError('wrong-number', { detail: `Got ${marked.n} after ${stream?.last ?? 0}.` })
    const next = new Map<string, number>()
    const appended = plan.appends
      .filter(({ messages }) => messages.length > 0)
      .map(({ channel, messages }) => {
        const { epoch, seq: head } = logOf(channel)
        let seq = next.get(channel) ?? head
        const stored = messages.map((message): StoredMessage => {
          const { id, timestamp } = message
          seq++
          return { epoch, seq, id, timestamp, json: message.encode(seq) }
        })
        next.set(channel, seq)
        return { channel, epoch, messages: stored }
      })
    const effects = new Map<string, Effect>()
    for (const { channel, epoch, messages } of appended)
      effects.set(channel, { channel, position: { epoch, seq: (messages.at(-1) as StoredMessage).seq } })
    const answer = marked?.answer([...effects.values()])
    for (const { channel, messages } of appended) {
      const log = logOf(channel)
      log.messages.push(...messages)
      log.seq += messages.length
      log.lastId = (messages.at(-1) as StoredMessage).id
    }
    if (marked && answer) {
      const target: Stream = stream ?? { key: { ...marked.key }, last: 0, answers: [], used: now }
      contents.streams.set(streamName(marked.key), target)
      target.last = marked.n
      target.used = now
      const answered = Math.min(marked.answered, marked.n - 1)
      target.answers = [...target.answers.filter(({ n }) => n > answered), answer]
    }
    committed({ appended, stream: marked?.key, answer })
    return { ok: true, appended, answer }
  }

  const storeOf = (machine: Machine): HubStore<HubTables> => {
    let token = 0
    let opened = false
    let last: Promise<unknown> = Promise.resolve()
    const cursors = new Map<string, number>()
    const never = new Promise<never>(() => {})
    const pause = (): Promise<void> =>
      new Promise((resolve) => machine.deliver(chance.below(disk.latency + 1), resolve))
    const checkDown = (): void => {
      if (!disk.down) return
      happened('store outage')
      throw unavailable('The disk is down.')
    }
    const checkRoom = (): void => {
      if (!disk.full) return
      happened('hub disk full')
      throw unavailable('The disk is full.')
    }
    const check = (): void => {
      checkDown()
      if (!opened) throw unavailable('The store is not open.')
    }
    /** One operation after the other, each some time after it was asked for. */
    const inTurn = <T>(work: () => T): Promise<T> => {
      const done = last.then(async () => {
        if (disk.latency > LATENCY) happened('slow store')
        await pause()
        if (!machine.act()) return never
        const result = work()
        // Died between the disk's work and hearing of it.
        if (!machine.act()) return never
        await pause()
        return result
      })
      last = done.catch(() => {})
      return done
    }
    let now = (): number => machine.environment.now()
    const tables: HubTables = {
      get: (key) => contents.tables.get(key),
      set: (key, value) => void contents.tables.set(key, value),
    }

    return {
      name: 'simulated',
      durable: true,
      db: tables,
      open: (environment) =>
        inTurn(() => {
          now = () => environment.now()
          checkDown()
          checkRoom()
          opened = true
          token = ++fence
        }),
      channel: (name) =>
        inTurn(() => {
          check()
          // One that is not there yet is written.
          if (!contents.logs.has(name)) checkRoom()
          return recordOf(logOf(name))
        }),
      channels: () =>
        inTurn(() => {
          check()
          return [...contents.logs]
            .filter(([, log]) => log.seq > 0)
            .map(([name, log]) => [name, recordOf(log)] as const)
        }),
      at: (channel, seq) =>
        inTurn(() => {
          check()
          return contents.logs.get(channel)?.messages.find((message) => message.seq === seq)
        }),
      read: (channel, after, limit, bytes) =>
        inTurn(() => {
          check()
          const page: StoredMessage[] = []
          let left = bytes
          for (const message of contents.logs.get(channel)?.messages ?? []) {
            if (message.seq <= after) continue
            left -= message.json.length
            if (page.length >= limit || (left < 0 && page.length > 0)) break
            page.push(message)
          }
          return page
        }),
      stream: (key) =>
        inTurn(() => {
          check()
          const stream = contents.streams.get(streamName(key))
          return stream && { last: stream.last, answers: [...stream.answers] }
        }),
      commit: (group) =>
        inTurn(() => {
          check()
          if (token !== fence) throw new SynclineError('fenced')
          if (group.length === 0) return []
          checkRoom()
          const outcomes = group.map((commit) => commitOne(commit, now()))
          for (const [key, seq] of cursors) contents.cursors.set(key, seq)
          cursors.clear()
          if (disk.unanswered > 0) {
            disk.unanswered--
            happened('commit unanswered')
            throw unavailable('The disk did not say that it has it.')
          }
          return outcomes
        }),
      trim: (retention, streamAge) =>
        inTurn(() => {
          check()
          checkRoom()
          for (const [name, log] of contents.logs) {
            const { count, age } = retention(name)
            log.messages = log.messages.filter(
              ({ seq, timestamp }) => seq > log.seq - count && timestamp >= now() - age,
            )
            log.oldest = log.messages[0]?.seq ?? log.seq + 1
          }
          for (const [name, { used }] of contents.streams)
            if (now() - used > streamAge) contents.streams.delete(name)
        }),
      cursor: (gateway, channel) =>
        inTurn(() => {
          check()
          const key = `${gateway}|${channel}`
          return cursors.get(key) ?? contents.cursors.get(key) ?? 0
        }),
      setCursor: async (gateway, channel, seq) => {
        cursors.set(`${gateway}|${channel}`, seq)
      },
      close: async () => {
        await last
        if (machine.alive && token === fence) for (const [key, seq] of cursors) contents.cursors.set(key, seq)
        opened = false
      },
    }
  }

  const disk: HubDisk = {
    store: storeOf,
    down: false,
    full: false,
    unanswered: 0,
    latency: LATENCY,
    backup: () => {
      const copy = copyOf(contents)
      return () => {
        contents = copyOf(copy)
        setbacks++
      }
    },
    wipe: () => {
      contents = createContents()
      setbacks++
    },
    get setbacks() {
      return setbacks
    },
    holds: (channel, { epoch, seq, id }) => {
      const log = contents.logs.get(channel)
      if (log?.epoch !== epoch) return false
      if (seq === 0) return log.seq === 0 || log.messages[0]?.seq === 1
      return log.messages.some((message) => message.seq === seq && message.id === id)
    },
    get streams() {
      return contents.streams.values()
    },
    get tables() {
      return contents.tables
    },
    head: (channel) => {
      const log = contents.logs.get(channel)
      return log && { epoch: log.epoch, seq: log.seq, id: log.lastId }
    },
  }
  return disk
}
