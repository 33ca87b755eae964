import type { AnyContract, ChannelHandle, Message } from '@syncline/core'
import { lastWrite } from '@syncline/core/operators'
import type { WriteBook } from './writes.ts'

interface Setting {
  /** Of the message: a write may be committed again after its log was lost. */
  readonly id: string
  readonly tag: string
  /** So coarse that many are the same. */
  readonly time: number
  readonly person: string
}

/**
 * A value that every message on any channel sets: each run of a client is a replica, and the last write wins, in whatever
 * order the channels bring them.
 */
export interface Registers {
  /** Returns the end. */
  watch(replica: string, handle: ChannelHandle<AnyContract>): () => void
  /** Where one differs from who saw the same in another order; undefined: none does. */
  differing(): string | undefined
}

const coarse = 20_000
const rules = { timestamp: ({ time }: Setting) => time, id: ({ person }: Setting) => person }
const later = (a: Setting, b: Setting): Setting => lastWrite(a, b, rules)

/** The last write of those that another replica has seen too, in the order in which this one saw them. */
const winnerAmong = (seen: readonly Setting[], others: readonly Setting[]): Setting | undefined => {
  const known = new Set(others.map(({ id }) => id))
  const both = seen.filter(({ id }) => known.has(id))
  return both.length > 0 ? both.reduce(later) : undefined
}

export const createRegisters = (book: WriteBook): Registers => {
  /** What each has seen, in its own order. */
  const replicas = new Map<string, Setting[]>()
  const settingOf = ({ id, data, timestamp }: Message): Setting => {
    const { tag } = data as { readonly tag: string }
    return { id, tag, time: Math.floor(timestamp / coarse), person: book.byTag(tag)?.person ?? '' }
  }
  return {
    watch: (replica, handle) => {
      const subscription = handle.messages$.subscribe((message) => {
        const seen = replicas.get(replica) ?? []
        seen.push(settingOf(message))
        replicas.set(replica, seen)
      })
      return () => subscription.unsubscribe()
    },
    differing: () => {
      const all = [...replicas]
      for (const [index, [replica, seen]] of all.entries()) {
        const winner = seen.reduce(later)
        const other = seen.toReversed().reduce(later)
        if (other.id !== winner.id)
          return `${replica} holds ${winner.tag}, and who saw the same the other way round holds ${other.tag}`
        for (const [name, theirs] of all.slice(index + 1)) {
          const [ours, those] = [winnerAmong(seen, theirs), winnerAmong(theirs, seen)]
          if (ours?.id !== those?.id)
            return `of what ${replica} and ${name} both saw one holds ${ours?.tag}, and the other ${those?.tag}`
        }
      }
      return undefined
    },
  }
}
