import { SynclineError } from '@syncline/core'
import type { Effect } from '@syncline/core/protocol'
import type { CommitOutcome, CommitPlan, StoredAnswer, StoredMessage } from './hub-store.ts'

/** Where a channel stands inside the running transaction. */
export interface Place {
  readonly epoch: string
  readonly seq: number
}

type Appended = Extract<CommitOutcome, { ok: true }>['appended'][number]

/** A commit that can no longer throw: everything is encoded, nothing is written. */
export interface Staged<P extends Place> {
  readonly appended: readonly Appended[]
  /** Where each of them goes. */
  readonly places: readonly P[]
  readonly answer: StoredAnswer | undefined
}

const none: readonly never[] = []
const nothing: Staged<never> = { appended: none, places: none, answer: undefined }

const effectOf = ({ channel, epoch, messages }: Appended): Effect => ({
  channel,
  position: { epoch, seq: messages.at(-1)!.seq },
})

/** One effect for each channel: its last message there. */
const effectsOf = (appended: readonly Appended[]): readonly Effect[] => {
  if (appended.length === 0) return none
  if (appended.length === 1) return [effectOf(appended[0]!)]
  const last = new Map<string, Effect>()
  for (const append of appended) last.set(append.channel, effectOf(append))
  return [...last.values()]
}

const stageAppends = <P extends Place>(
  appends: CommitPlan['appends'],
  placeOf: (channel: string) => P,
): Staged<P> => {
  if (appends.length === 0) return nothing
  const appended: Appended[] = []
  const places: P[] = []
  for (const { channel, messages } of appends) {
    if (messages.length === 0) continue
    const place = placeOf(channel)
    const { epoch } = place
    const before = places.lastIndexOf(place)
    let seq = before < 0 ? place.seq : appended[before]!.messages.at(-1)!.seq
    const stored: StoredMessage[] = []
    for (const message of messages) {
      seq++
      const { id, timestamp } = message
      stored.push({ epoch, seq, id, timestamp, json: message.encode(seq) })
    }
    appended.push({ channel, epoch, messages: stored })
    places.push(place)
  }
  return { appended, places, answer: undefined }
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
  const staged = stageAppends(plan.appends, placeOf)
  if (!stream) return staged
  const { appended, places } = staged
  return { appended, places, answer: stream.answer(effectsOf(appended)) }
}
