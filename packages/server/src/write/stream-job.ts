import { type ErrorCode, SynclineError } from '@syncline/core'
import type { Effect, WireError } from '@syncline/core/protocol'
import type { CommitJob } from '../commit/committer.ts'
import type { Append } from '../commit/message-draft.ts'
import type { Ran } from '../mutation/run-write.ts'
import type { CommitOutcome, CommitPlan, StoredAnswer, StreamKey } from '../store/hub-store.ts'
import type { WriteItem } from './write-item.ts'

/** The stream as its jobs see it. */
export interface JobStream {
  readonly key: StreamKey
  readonly answered: number
  /** True from a handler's throw inside a group until the group is settled: what follows it waits. */
  halted: boolean
  committed(item: WriteItem, answer: StoredAnswer): void
  /** The handler threw inside the commit. */
  threw(item: WriteItem, error: unknown): void
  /** It was skipped because one before it threw. */
  skipped(job: StreamJob): void
  /** The store did not take it. */
  lost(item: WriteItem): void
}

/** What a job does when its turn in the commit comes. */
export type Work =
  | { readonly type: 'ran'; readonly ran: Ran }
  | { readonly type: 'refused'; readonly error: WireError }
  | { readonly type: 'transaction'; run(db: unknown): Ran }

const none: readonly Append[] = []
const skip = new Error('skipped')
/** The store's own refusals of one commit: anything else was thrown by what was to be committed. */
const storeCodes: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['wrong-number', 'store-unavailable', 'fenced'])
const isStores = (error: unknown): boolean => error instanceof SynclineError && storeCodes.has(error.code)

/** One write's commit: its messages, its stream mark and its answer. Its own plan, to save objects. */
export class StreamJob implements CommitJob, CommitPlan {
  readonly #stream: JobStream
  readonly #item: WriteItem
  readonly #work: Work
  #thrown = false
  #result = 'null'
  appends: readonly Append[] = none

  constructor(stream: JobStream, item: WriteItem, work: Work) {
    this.#stream = stream
    this.#item = item
    this.#work = work
  }

  /** A handler writes to the store's database: the store takes that back if it throws. */
  get isolated(): boolean {
    return this.#work.type === 'transaction'
  }

  get stream(): this {
    return this
  }
  get key(): StreamKey {
    return this.#stream.key
  }
  get n(): number {
    return this.#item.n
  }
  get answered(): number {
    return Math.min(this.#stream.answered, this.#item.n - 1)
  }

  plan(db: unknown): CommitPlan {
    if (this.#item.dropped || this.#stream.halted) throw skip
    const work = this.#work
    if (work.type === 'ran') this.#take(work.ran)
    else if (work.type === 'transaction') this.#transact(work, db)
    return this
  }

  answer(effects: readonly Effect[]): StoredAnswer {
    const { n, id, hash } = this.#item
    const work = this.#work
    return work.type === 'refused'
      ? { n, id, hash, outcome: { type: 'rejected', error: work.error } }
      : { n, id, hash, outcome: { type: 'accepted', result: this.#result, effects } }
  }

  settled(outcome: CommitOutcome): void {
    if (outcome.ok) {
      if (outcome.answer) this.#stream.committed(this.#item, outcome.answer)
    } else if (this.#thrown) this.#stream.threw(this.#item, outcome.error)
    else if (this.#item.dropped) return
    else if (outcome.error === skip) this.#stream.skipped(this)
    else if (isStores(outcome.error)) this.#stream.lost(this.#item)
    else this.#stream.threw(this.#item, outcome.error)
  }

  failed(): void {
    if (!this.#item.dropped) this.#stream.lost(this.#item)
  }

  #take({ appends, result }: Ran): void {
    this.appends = appends
    this.#result = result
  }

  #transact(work: Work & { type: 'transaction' }, db: unknown): void {
    try {
      this.#take(work.run(db))
    } catch (error) {
      this.#thrown = true
      this.#stream.halted = true
      throw error
    }
  }
}
