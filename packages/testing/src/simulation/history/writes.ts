import type { ReceiptStatus } from '@syncline/core'
import { type How, type Input, tagsElsewhere, tagsHere } from './app.ts'

/** One write that an app made, and what it was told of it. */
export interface MadeWrite {
  readonly id: string
  readonly tag: string
  readonly how: How
  readonly kind: 'mutate' | 'publish'
  readonly channel: string
  /** Whose it is; empty: nobody's yet, as the storage that it is in. */
  person: string
  /** Whose the storage is that it is in; undefined: nobody's yet. */
  owner(): string | undefined
  /** Which storage it is in. */
  readonly storage: string
  /** Whose disk that storage is on; undefined: it is in memory. */
  readonly device: number | undefined
  readonly madeAt: number
  /** The client that made it, and the how manyeth of that client's writes it is. */
  readonly maker: string
  readonly order: number
  readonly key: string | undefined
  /** It took the place of a parked one. */
  readonly isRetry: boolean
  /** Told to be in a durable outbox. */
  durable: boolean
  accepted: boolean
  /** When the session began in which it was sent first; of a write that was found as sent, when it was made. */
  sentIn: number | undefined
  /** When it was committed; undefined: it was not. */
  committedAt: number | undefined
  /** The app gave it up, or signed its person out with all that was unsent. */
  givenUp: boolean
  last: ReceiptStatus['at']
}

/** Whose a write is, which is fixed at the latest when it is sent. */
export const personOf = (write: MadeWrite): string => {
  write.person ||= write.owner() ?? ''
  return write.person
}

/** Every write of a history. */
export interface WriteBook {
  readonly all: ReadonlyMap<string, MadeWrite>
  add(write: MadeWrite): void
  byTag(tag: string): MadeWrite | undefined
}

export const createWriteBook = (): WriteBook => {
  const all = new Map<string, MadeWrite>()
  const tags = new Map<string, MadeWrite>()
  return {
    all,
    add: (write) => {
      all.set(write.id, write)
      tags.set(write.tag, write)
    },
    byTag: (tag) => tags.get(tag.split('.')[0] as string),
  }
}

type Effects = Pick<MadeWrite, 'kind' | 'tag' | 'how' | 'channel'>

const asInput = ({ tag, how }: Effects): Pick<Input, 'tag' | 'how'> => ({ tag, how })

/** The tags that a write appends to a channel. */
export const tagsOn = (write: Effects, channel: string): readonly string[] => {
  if (write.kind === 'publish') return channel === write.channel ? [write.tag] : []
  if (channel === write.channel) return tagsHere(asInput(write))
  const other = write.channel === 'list/a' ? 'list/b' : 'list/a'
  return channel === other ? tagsElsewhere(asInput(write)) : []
}
