import { type ErrorCode, SynclineError, toWireError } from '@syncline/core'
import type { Access } from '../channel/access.ts'
import { isPromise } from '../environment/is-promise.ts'
import { Refusal } from '../mutation/refusal.ts'
import { type InTransaction, type Ran, runWrite } from '../mutation/run-write.ts'
import type { StoredAnswer, StreamKey } from '../store/hub-store.ts'
import type { Replies } from './replies.ts'
import type { StreamContext } from './stream-context.ts'
import { type JobStream, StreamJob, type Work } from './stream-job.ts'
import type { StreamMemory } from './stream-memory.ts'
import { Watch } from './watch.ts'
import type { WriteItem } from './write-item.ts'

/** What a handler may throw that is the write's fault and not its own: a message that the input made too large. */
const tellable: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['rejected', 'too-large'])
/** How long a client waits after the store refused, in milliseconds; up to three times as long, by chance. */
const storeRetryAfter = 1_000

/**
 * The writes of a stream that were taken and are not yet committed: their handlers run one after the other,
 * and their commits gather behind them.
 */
export class WriteLine implements JobStream {
  readonly key: StreamKey
  halted = false
  /** False once the store contradicted what is in memory. */
  trusted = true
  readonly #context: StreamContext
  readonly #memory: StreamMemory
  readonly #replies: Replies
  readonly #watch: Watch
  /** In order: committing, running, waiting. */
  readonly items: WriteItem[] = []
  #started = 0
  /** The one that is waited for: nothing else starts meanwhile. */
  #current: WriteItem | undefined

  constructor(context: StreamContext, key: StreamKey, memory: StreamMemory, replies: Replies) {
    this.#context = context
    this.key = key
    this.#memory = memory
    this.#replies = replies
    this.#watch = new Watch(context.environment, context.handlerTimeout, () => this.#late())
  }

  get idle(): boolean {
    return this.items.length === 0 && !this.#current
  }

  get answered(): number {
    return this.#memory.answered
  }

  run(): void {
    while (!this.#current) {
      const item = this.items[this.#started]
      if (!item) {
        this.#replies.rest()
        return
      }
      this.#started++
      this.#start(item)
    }
  }

  // What the commit says

  committed(item: WriteItem, answer: StoredAnswer): void {
    this.#memory.committed(answer)
    if (answer.outcome.type === 'accepted')
      for (const { channel } of answer.outcome.effects)
        if (channel !== this.key.channel) this.#context.channels.reached(channel)
    this.items.shift()
    this.#started--
    this.#release(item)
    this.#replies.answer(answer)
    this.#context.writeLog.decided(this.key, item, answer.outcome)
  }

  threw(item: WriteItem, error: unknown): void {
    this.halted = false
    if (!item.dropped) this.#failed(item, error, true)
  }

  skipped(job: StreamJob): void {
    this.#context.committer.again(job)
  }

  lost(item: WriteItem): void {
    this.halted = false
    // Another hub may have gone on with the stream, or the commit may be there though the store failed: the stream is
    // read again before anything else is taken.
    this.trusted = false
    const retryAfter = Math.round(storeRetryAfter * (1 + 2 * this.#context.environment.random()))
    this.#giveBack(item.n, new SynclineError('store-unavailable', { retryAfter }))
  }

  // Authorise, wait for the gate, run

  #start(item: WriteItem): void {
    if (item.kind === 'void') {
      this.#refuse(item, new SynclineError('discarded'))
      return
    }
    const access = this.#access(item)
    if (isPromise(access)) this.#await(item, access, (answer) => this.#authorized(item, answer))
    else this.#authorized(item, access)
  }

  #access({ slot, source }: WriteItem): Access | PromiseLike<Access> {
    const revision = this.#context.revision()
    if (slot.answer !== undefined && slot.revision === revision) return slot.answer
    slot.revision = revision
    slot.answer = this.#context.registry.authorize(source.user, this.key.channel)
    return slot.answer
  }

  #authorized(item: WriteItem, access: Access): void {
    if (!access.ok) {
      item.slot.answer = access
      this.#failed(item, new Refusal(access.error))
    } else if (access.served.snapshot) this.#throughGate(item, access)
    else this.#inside(item, access)
  }

  #throughGate(item: WriteItem, access: Access & { ok: true }): void {
    const { gate } = this.#context.channels.get(this.key.channel)
    item.gate = gate
    const entered = (): void => this.#arrived(item, () => this.#inside(item, access))
    if (gate.enter('mutation', entered)) this.#inside(item, access)
    else this.#current = item
  }

  /** One that is known to publish to other channels waits for snapshots of those too. */
  #inside(item: WriteItem, access: Access & { ok: true }): void {
    if (item.kind !== 'mutate') {
      this.#run(item, access)
      return
    }
    const { elsewhere } = this.#context
    if (access.served.handlers.get(item.name)?.reaches) {
      item.reaching = true
      const entered = (): void => this.#arrived(item, () => this.#begin(item, access))
      if (!elsewhere.gate.enter('mutation', entered)) {
        this.#current = item
        return
      }
    }
    this.#begin(item, access)
  }

  #begin(item: WriteItem, access: Access & { ok: true }): void {
    item.phase = this.#context.elsewhere.begin()
    this.#run(item, access)
  }

  #run(item: WriteItem, { served, params }: Access & { ok: true }): void {
    const { id, kind, name, data, version, source } = item
    const call = {
      id,
      kind,
      name,
      data,
      version,
      user: source.user,
      channel: this.key.channel,
      served,
      params,
    }
    try {
      const running = runWrite(this.#context, call)
      if (isPromise(running)) {
        this.#watch.start()
        this.#await(item, running, (ran) => this.#ran(item, ran))
      } else this.#ran(item, running)
    } catch (error) {
      this.#failed(item, error)
    }
  }

  #ran(item: WriteItem, running: Ran | InTransaction): void {
    if ('transaction' in running) this.#submit(item, { type: 'transaction', run: running.transaction })
    else this.#submit(item, { type: 'ran', ran: running })
  }

  #submit(item: WriteItem, work: Work): void {
    this.#context.committer.submit(new StreamJob(this, item, work))
  }

  #await<T>(item: WriteItem, work: PromiseLike<T>, then: (value: T) => void): void {
    this.#current = item
    work.then(
      (value) => this.#arrived(item, () => then(value)),
      (error) => this.#arrived(item, () => this.#failed(item, error)),
    )
  }

  #arrived(item: WriteItem, go: () => void): void {
    // After a timeout the line has gone on: what comes late is not used.
    if (this.#current !== item) return
    this.#current = undefined
    this.#watch.stop()
    if (item.dropped) this.#release(item)
    else go()
    this.run()
  }

  #late(): void {
    const item = this.#current
    if (!item) return
    this.#context.writeLog.failed(this.key, item, 'handler-timeout', undefined)
    this.#arrived(item, () => this.#refuse(item, new SynclineError('handler-timeout')))
  }

  // Refuse or give back

  /** `inCommit`: the answer goes before what the same group skipped. */
  #failed(item: WriteItem, error: unknown, inCommit = false): void {
    const reason = error instanceof Refusal ? error.error : error
    const isKnown = reason instanceof SynclineError && this.#travels(reason)
    if (isKnown && reason.code === 'try-later') this.#giveBack(item.n, reason)
    else if (isKnown && (error instanceof Refusal || tellable.has(reason.code)))
      this.#refuse(item, reason, inCommit)
    else {
      this.#context.writeLog.failed(this.key, item, 'handler-failed', error)
      this.#refuse(item, new SynclineError('handler-failed'), inCommit)
    }
  }

  /** False where what an app put into its refusal is not JSON, or too large. */
  #travels(error: SynclineError): boolean {
    try {
      return JSON.stringify(toWireError(error)).length <= this.#context.limits.resultBytes
    } catch {
      return false
    }
  }

  /** A refusal is an answer like any other: committed, and given again when the write comes again. */
  #refuse(item: WriteItem, error: SynclineError, inCommit = false): void {
    const job = new StreamJob(this, item, { type: 'refused', error: toWireError(error) })
    if (inCommit) this.#context.committer.again(job)
    else this.#context.committer.submit(job)
  }

  /** Nothing from `n` on is taken: the client sends it again. */
  #giveBack(n: number, error: SynclineError): void {
    const keep = n - this.#memory.last - 1
    const given = this.items.splice(keep)
    for (const item of given) {
      item.dropped = true
      if (item !== this.#current) this.#release(item)
    }
    this.#started = Math.min(this.#started, keep)
    const { source } = this.#replies
    if (source) this.#replies.back(source, n, error)
    this.#replies.rest()
    for (const item of given) this.#context.writeLog.undecided(this.key, item, error.code)
  }

  #release(item: WriteItem): void {
    item.source.pendingBytes -= item.bytes
    item.gate?.leave()
    item.gate = undefined
    if (item.phase) this.#context.elsewhere.end(item.phase)
    item.phase = undefined
    if (!item.reaching) return
    item.reaching = false
    this.#context.elsewhere.gate.leave()
  }
}
