import type { WireMessage } from '@syncline/core/protocol'
import type { StoredAnswer, StreamKey } from '@syncline/server'
import type { DurableCommit } from '../hub-disk.ts'

/** What a message of the simulated app says. */
export interface Effect {
  readonly tag: string
  /** The first version of the contract does not know it, and refuses what has it. */
  readonly odd?: true | undefined
}

/** One message that became durable, and what was before it. */
export interface TruthMessage {
  readonly channel: string
  readonly epoch: string
  readonly seq: number
  readonly id: string
  readonly data: Effect
  readonly writeId: string | undefined
  /** The next message is of the same write. */
  readonly more: boolean
  readonly before: TruthMessage | undefined
  /** How many commits there were, its own included. */
  readonly commits: number
}

export interface TruthAnswer {
  readonly key: StreamKey
  readonly answer: StoredAnswer
}

/**
 * All that ever became durable at the hub, whatever was restored or lost since: what clients are told is compared
 * with it.
 */
export interface Truth {
  commit(commit: DurableCommit): void
  /** The newest message of a channel in the log as it is now. */
  head(channel: string): TruthMessage | undefined
  /** A message by its id, on whatever branch. */
  find(channel: string, id: string): TruthMessage | undefined
  /** The message at a position of the log as it is now. */
  at(channel: string, seq: number): TruthMessage | undefined
  /** The tags of all messages up to this one. */
  fold(message: TruthMessage | undefined): readonly string[]
  /** All answers to a write. */
  answers(writeId: string): readonly TruthAnswer[]
  /** Where a tag is in the logs as they are now. */
  places(tag: string): readonly TruthMessage[]
  readonly channels: Iterable<string>
  /** Everything in the order of commits. */
  readonly commits: readonly DurableCommit[]
  /** How many commits there were whenever the log was set back to a backup, or lost. */
  readonly setbacks: readonly number[]
  /** Returns the way back to what is durable now. */
  backup(): () => void
  wipe(): void
}

export const createTruth = (): Truth => {
  let heads = new Map<string, TruthMessage>()
  const byId = new Map<string, TruthMessage>()
  const answers = new Map<string, TruthAnswer[]>()
  const folds = new Map<TruthMessage, readonly string[]>()
  const commits: DurableCommit[] = []
  const setbacks: number[] = []

  const fold = (message: TruthMessage | undefined): readonly string[] => {
    if (!message) return []
    const known = folds.get(message)
    if (known) return known
    const tags = [...fold(message.before), message.data.tag]
    folds.set(message, tags)
    return tags
  }
  const allOf = (channel: string): TruthMessage[] => {
    const all: TruthMessage[] = []
    for (let message = heads.get(channel); message; message = message.before) all.push(message)
    return all
  }

  return {
    commits,
    setbacks,
    commit: (commit) => {
      commits.push(commit)
      for (const { channel, messages } of commit.appended)
        for (const { epoch, seq, id, json } of messages) {
          const [, , , , data, writeId, more] = JSON.parse(json) as WireMessage
          const message: TruthMessage = {
            channel,
            epoch,
            seq,
            id,
            data: data as TruthMessage['data'],
            writeId: writeId ?? undefined,
            more: more === 1,
            before: heads.get(channel),
            commits: commits.length,
          }
          heads.set(channel, message)
          byId.set(`${channel} ${id}`, message)
        }
      const { answer, stream } = commit
      if (!answer || !stream) return
      const given = answers.get(answer.id)
      if (given) given.push({ key: stream, answer })
      else answers.set(answer.id, [{ key: stream, answer }])
    },
    head: (channel) => heads.get(channel),
    find: (channel, id) => byId.get(`${channel} ${id}`),
    at: (channel, seq) => {
      let message = heads.get(channel)
      while (message && message.seq > seq) message = message.before
      return message
    },
    fold,
    answers: (writeId) => answers.get(writeId) ?? [],
    places: (tag) =>
      [...heads.keys()].flatMap((channel) => allOf(channel).filter(({ data }) => data.tag === tag)),
    get channels() {
      return heads.keys()
    },
    backup: () => {
      const then = new Map(heads)
      return () => {
        heads = new Map(then)
        setbacks.push(commits.length)
      }
    },
    wipe: () => {
      heads = new Map()
      setbacks.push(commits.length)
    },
  }
}
