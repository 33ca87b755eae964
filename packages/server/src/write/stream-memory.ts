import type { Position } from '@syncline/core'
import type { StoredAnswer, StreamRecord } from '../store/hub-store.ts'

/** What the store holds of a stream, kept in memory. */
export class StreamMemory {
  /** False: nothing of this stream was ever committed, or it was forgotten. */
  known = false
  last = 0
  /** By ascending and contiguous number. */
  answers: StoredAnswer[] = []
  /** The client has the answers up to this number. */
  answered = 0

  load(record: StreamRecord | undefined): void {
    this.known = record !== undefined
    this.last = record?.last ?? 0
    this.answers = [...(record?.answers ?? [])]
  }

  committed(answer: StoredAnswer): void {
    this.known = true
    this.last = answer.n
    this.answers.push(answer)
  }

  acceptedWithin(channel: string, { epoch, seq }: Position): readonly string[] {
    const within = ({ outcome }: StoredAnswer): boolean =>
      outcome.type === 'accepted' &&
      outcome.effects.some(
        ({ channel: at, position }) => at === channel && position.epoch === epoch && position.seq <= seq,
      )
    return this.answers.filter(within).map(({ id }) => id)
  }

  /** What the client says it has. Beyond what was committed it is not believed. */
  forget(answered: number): void {
    const through = Math.min(answered, this.last)
    if (through <= this.answered) return
    this.answered = through
    const keep = this.answers.findIndex(({ n }) => n > through)
    this.answers = keep < 0 ? [] : this.answers.slice(keep)
  }
}
