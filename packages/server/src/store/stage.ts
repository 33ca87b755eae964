import { SynclineError } from '@syncline/core'
import type { Effect } from '@syncline/core/protocol'
import type { CommitPlan, StoredAnswer, StoredMessage } from './hub-store.ts'

/** Where a channel stands inside the running transaction. */
export interface Place {
  readonly epoch: string
  readonly seq: number
}

/** The messages of one append with the places they get. */
export interface StagedAppend<P extends Place> {
  readonly channel: string
  readonly place: P
  readonly messages: readonly StoredMessage[]
}

/** A commit that can no longer throw: everything is encoded, nothing is written. */
export interface Staged<P extends Place> {
  readonly appends: readonly StagedAppend<P>[]
  readonly answer: StoredAnswer | undefined
}

const none: readonly never[] = []

const endOf = <P extends Place>(place: P, before: readonly StagedAppend<P>[]): number => {
  for (let i = before.length - 1; i >= 0; i--)
    if (before[i]!.place === place) return before[i]!.messages.at(-1)!.seq
  return place.seq
}

/** One effect for each channel: its last message there. */
const effectsOf = <P extends Place>(appends: readonly StagedAppend<P>[]): readonly Effect[] => {
  const last = new Map<string, Effect>()
  for (const { channel, place, messages } of appends)
    last.set(channel, { channel, position: { epoch: place.epoch, seq: messages.at(-1)!.seq } })
  return [...last.values()]
}

const stageAppends = <P extends Place>(
  appends: CommitPlan['appends'],
  placeOf: (channel: string) => P,
): readonly StagedAppend<P>[] => {
  const staged: StagedAppend<P>[] = []
  for (const { channel, messages } of appends) {
    if (messages.length === 0) continue
    const place = placeOf(channel)
    const { epoch } = place
    let seq = endOf(place, staged)
    const stored: StoredMessage[] = []
    for (const message of messages) {
      seq++
      const { id, timestamp } = message
      stored.push({ epoch, seq, id, timestamp, json: message.encode(seq) })
    }
    staged.push({ channel, place, messages: stored })
  }
  return staged
}

/**
 * Gives a plan its places and encodes it. All that can throw, throws here, before anything is written, so that
 * a plain commit needs no rollback of its own.
 */
export const stage = <P extends Place>(
  plan: CommitPlan,
  placeOf: (channel: string) => P,
  last: number,
): Staged<P> => {
  const { stream } = plan
  if (stream && stream.n !== last + 1)
    throw new SynclineError('wrong-number', { detail: `Got ${stream.n} after ${last}.` })
  const appends = plan.appends.length === 0 ? none : stageAppends(plan.appends, placeOf)
  return { appends, answer: stream?.answer(appends.length === 0 ? none : effectsOf(appends)) }
}
