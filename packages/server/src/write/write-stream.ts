import { type ErrorCode, SynclineError, toWireError } from '@syncline/core'
import type { WireAnswer, WireWrite, WritesFrame } from '@syncline/core/protocol'
import type { Access } from '../channel/access.ts'
import type { ChannelRegistry } from '../channel/channel-registry.ts'
import type { LiveChannels } from '../channel/live-channels.ts'
import type { Committer } from '../commit/committer.ts'
import type { HubEnvironment } from '../environment/hub-environment.ts'
import { isPromise } from '../environment/is-promise.ts'
import { outgoingFrame } from '../fan-out/outgoing-frame.ts'
import type { Limits } from '../limits.ts'
import type { Logger } from '../logger.ts'
import { Refusal } from '../mutation/refusal.ts'
import { type InTransaction, type Ran, runWrite } from '../mutation/run-write.ts'
import type { HubStore, StoredAnswer, StreamKey } from '../store/hub-store.ts'
import { decide, voidHash } from './decide.ts'
import { payloadHash } from './payload-hash.ts'
import { type JobStream, StreamJob, type Work } from './stream-job.ts'
import type { AccessSlot, WriteItem } from './write-item.ts'
import type { WriteSource } from './write-source.ts'

/** What all streams of a hub share. */
export interface StreamContext {
  readonly environment: HubEnvironment
  readonly limits: Limits
  readonly logger: Logger
  readonly registry: ChannelRegistry
  readonly channels: LiveChannels
  readonly committer: Committer
  readonly store: HubStore
  readonly handlerTimeout: number
  /** Counts the hub's revocations. */
  readonly revision: () => number
  /** The stream has answers to send when the group is settled. */
  readonly hasAnswers: (stream: WriteStream) => void
}

/** How long a client waits after the store refused, in milliseconds; up to three times as long, by chance. */
const storeRetryAfter = 1_000
/** How long a client waits that has more in flight than allowed, in milliseconds. */
const crowdedRetryAfter = 100
/** Answers kept for a client that does not say what it has, in multiples of the writes in flight. */
const keptAnswers = 4

const toWire = ({ n, id, outcome }: StoredAnswer): WireAnswer =>
  outcome.type === 'accepted'
    ? [n, id, 'accepted', outcome.result, outcome.effects]
    : [n, id, 'rejected', outcome.error]

/**
 * A client's writes to one channel: one handler after the other, their commits gathered behind. Rule 4 of the
 * design; what becomes of a number is `decide`d.
 */
export class WriteStream implements JobStream {
  readonly key: StreamKey
  halted = false
  answered = 0
  readonly #context: StreamContext
  #known = false
  #last = 0
  #answers: StoredAnswer[] = []
  /** Writes after `#last`, in order: committing, running, waiting. */
  #taken: WriteItem[] = []
  /** How many of `#taken` were started. */
  #started = 0
  /** The one whose answer is awaited: nothing starts meanwhile. */
  #current: WriteItem | undefined
  #deadline = 0
  #timed = false
  #source: WriteSource | undefined
  #toSend: WireAnswer[] = []
  /** Whom `back` was told and from which number: what follows there is already known to come again. */
  #backed: { readonly source: WriteSource; readonly expect: number } | undefined
  #loading = false
  #loaded = false
  #early: { readonly source: WriteSource; readonly frame: WritesFrame }[] = []
  #earlyWrites = 0

  constructor(context: StreamContext, key: StreamKey) {
    this.#context = context
    this.key = key
  }

  /** Nothing under way: it may be forgotten and read from the store again. */
  get idle(): boolean {
    return this.#taken.length === 0 && !this.#loading && !this.#current
  }

  receive(source: WriteSource, frame: WritesFrame): void {
    if (!this.#loaded) return this.#receiveEarly(source, frame)
    this.#source = source
    if (frame.answered > this.answered) this.#forget(Math.min(frame.answered, this.#last))
    const slot: AccessSlot = { answer: undefined, revision: -1 }
    for (const write of frame.writes) if (!this.#take(source, write, slot)) break
    this.#pump()
    this.sendAnswers()
  }

  sendAnswers(): void {
    if (this.#toSend.length === 0) return
    const answers = this.#toSend
    this.#toSend = []
    this.#source?.send(outgoingFrame({ type: 'answers', ...this.#address(), answers }))
  }

  committed(item: WriteItem, answer: StoredAnswer): void {
    this.#known = true
    this.#last = item.n
    this.#answers.push(answer)
    this.#taken.shift()
    this.#started--
    this.#release(item)
    this.#reply(toWire(answer))
  }

  threw(item: WriteItem, error: unknown): void {
    this.halted = false
    if (!item.dropped) this.#failed(item, error, true)
  }

  skipped(job: StreamJob): void {
    this.#context.committer.again(job)
  }

  lost(item: WriteItem, error: unknown): void {
    this.halted = false
    // What the cache says may be wrong: another node may have gone on with the stream.
    if (error instanceof SynclineError && error.code === 'wrong-number') this.#loaded = false
    const retryAfter = Math.round(storeRetryAfter * (1 + 2 * this.#context.environment.random()))
    this.#giveBack(item.n, new SynclineError('store-unavailable', { retryAfter }))
  }

  #address() {
    const { channel, client, generation } = this.key
    return { channel, client, generation }
  }

  #reply(answer: WireAnswer): void {
    if (this.#toSend.push(answer) === 1) this.#context.hasAnswers(this)
  }

  #forget(answered: number): void {
    this.answered = Math.max(this.answered, answered)
    const keep = this.#answers.findIndex(({ n }) => n > this.answered)
    if (keep !== 0) this.#answers = keep < 0 ? [] : this.#answers.slice(keep)
  }

  // Reading the stream from the store

  #receiveEarly(source: WriteSource, frame: WritesFrame): void {
    this.#earlyWrites += frame.writes.length
    // What is beyond the bound is noticed as missing by what comes after it, or told at the end of loading.
    if (this.#earlyWrites <= this.#context.limits.writesInFlight) this.#early.push({ source, frame })
    if (!this.#loading) void this.#load(source, frame)
  }

  async #load(source: WriteSource, frame: WritesFrame): Promise<void> {
    this.#loading = true
    try {
      const record = await this.#context.store.stream(this.key)
      this.#known = record !== undefined
      this.#last = record?.last ?? 0
      this.#answers = [...(record?.answers ?? [])]
      this.#loaded = true
    } catch (error) {
      this.#context.logger.error({ channel: this.key.channel, error }, 'a write stream could not be read')
      this.#sendBack(
        source,
        frame.writes[0]?.[0] ?? 1,
        new SynclineError('store-unavailable', { retryAfter: storeRetryAfter }),
      )
    }
    this.#loading = false
    const early = this.#early
    const overflow = this.#earlyWrites > this.#context.limits.writesInFlight
    this.#early = []
    this.#earlyWrites = 0
    if (!this.#loaded) return
    for (const { source: from, frame: held } of early) this.receive(from, held)
    if (overflow) this.#crowded(source)
  }

  // Taking writes

  /** False: nothing after it in this frame can be taken either. */
  #take(source: WriteSource, write: WireWrite, slot: AccessSlot): boolean {
    const [n, id, kind, name, data, version] = write
    const json = kind === 'void' ? '' : (JSON.stringify(data) ?? '')
    const hash = kind === 'void' ? voidHash : payloadHash(kind, name, json)
    const decision = decide(
      { known: this.#known, last: this.#last, answers: this.#answers, taken: this.#taken },
      write,
      hash,
    )
    switch (decision) {
      case 'run': {
        const bytes = json.length
        this.#backed = undefined
        if (!this.#hasRoom(source, bytes)) return this.#crowded(source)
        source.pendingBytes += bytes
        this.#taken.push({
          n,
          id,
          hash,
          kind,
          name,
          data,
          version,
          bytes,
          source,
          slot,
          gate: undefined,
          dropped: false,
        })
        return true
      }
      case 'pending':
        return true
      case 'back':
        this.#sendBack(source, this.#next(), new SynclineError('wrong-number'))
        return false
      case 'unknown':
        source.send(outgoingFrame({ type: 'unknown-stream', ...this.#address() }))
        return false
      case 'conflict':
        return this.#refuseUnstored(n, id, 'write-conflict')
      case 'forgotten':
        return this.#refuseUnstored(n, id, 'outcome-unknown')
      default:
        this.#reply(toWire(decision))
        return true
    }
  }

  #next(): number {
    return this.#last + this.#taken.length + 1
  }

  #hasRoom(source: WriteSource, bytes: number): boolean {
    const { writesInFlight, pendingBytes } = this.#context.limits
    if (this.#taken.length >= writesInFlight || this.#answers.length >= keptAnswers * writesInFlight)
      return false
    return source.pendingBytes === 0 || source.pendingBytes + bytes <= pendingBytes
  }

  #crowded(source: WriteSource): false {
    this.#sendBack(
      source,
      this.#next(),
      new SynclineError('too-many-writes', { retryAfter: crowdedRetryAfter }),
    )
    return false
  }

  #refuseUnstored(n: number, id: string, code: ErrorCode): true {
    this.#reply([n, id, 'rejected', toWireError(new SynclineError(code))])
    return true
  }

  #sendBack(source: WriteSource, expect: number, error: SynclineError): void {
    if (this.#backed?.source === source && this.#backed.expect === expect) return
    this.#backed = { source, expect }
    source.send(outgoingFrame({ type: 'back', ...this.#address(), expect, error: toWireError(error) }))
  }

  // Running writes

  #pump(): void {
    while (!this.#current) {
      const item = this.#taken[this.#started]
      if (!item) return
      this.#started++
      this.#start(item)
    }
  }

  #start(item: WriteItem): void {
    if (item.kind === 'void') return this.#refuse(item, new SynclineError('discarded'))
    const access = this.#access(item)
    if (isPromise(access)) this.#await(item, access, (answer) => this.#authorized(item, answer), false)
    else this.#authorized(item, access)
  }

  #access({ slot, source }: WriteItem): Access | PromiseLike<Access> {
    const revision = this.#context.revision()
    if (slot.answer && slot.revision === revision) return slot.answer
    slot.revision = revision
    slot.answer = this.#context.registry.authorize(source.user, this.key.channel)
    return slot.answer
  }

  #authorized(item: WriteItem, access: Access): void {
    item.slot.answer = access
    if (!access.ok) return this.#failed(item, new Refusal(access.error))
    if (!access.served.snapshot) return this.#run(item, access)
    const { gate } = this.#context.channels.get(this.key.channel)
    const entered = (): void => {
      item.gate = gate
      if (this.#current === item) this.#current = undefined
      if (item.dropped) this.#release(item)
      else this.#run(item, access)
      this.#pump()
    }
    if (gate.enter('mutation', entered)) {
      item.gate = gate
      this.#run(item, access)
    } else this.#current = item
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
      if (isPromise(running)) this.#await(item, running, (ran) => this.#ran(item, ran), true)
      else this.#ran(item, running)
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

  // Waiting for a handler

  #await<T>(item: WriteItem, work: PromiseLike<T>, then: (value: T) => void, timed: boolean): void {
    this.#current = item
    if (timed) this.#watch()
    work.then(
      (value) => this.#arrived(item, () => then(value)),
      (error) => this.#arrived(item, () => this.#failed(item, error)),
    )
  }

  #arrived(item: WriteItem, go: () => void): void {
    // After a timeout the stream has gone on: what comes late is not used.
    if (this.#current !== item) return
    this.#current = undefined
    this.#deadline = 0
    if (item.dropped) this.#release(item)
    else go()
    this.#pump()
  }

  /** One timer for a stream, not one for each write. */
  #watch(): void {
    const { environment, handlerTimeout } = this.#context
    this.#deadline = environment.now() + handlerTimeout
    if (this.#timed) return
    this.#timed = true
    environment.setTimer(handlerTimeout, () => this.#checkDeadline())
  }

  #checkDeadline(): void {
    this.#timed = false
    const { environment } = this.#context
    const left = this.#deadline - environment.now()
    if (this.#deadline === 0) return
    if (left > 0) {
      this.#timed = true
      environment.setTimer(left, () => this.#checkDeadline())
    } else this.#timeout()
  }

  #timeout(): void {
    const item = this.#current
    this.#current = undefined
    this.#deadline = 0
    if (!item) return
    this.#log(item, 'handler-timeout', undefined)
    if (item.dropped) this.#release(item)
    else this.#refuse(item, new SynclineError('handler-timeout'))
    this.#pump()
  }

  // Failing

  /** `inCommit`: the answer goes before what the same group skipped. */
  #failed(item: WriteItem, error: unknown, inCommit = false): void {
    const reason = error instanceof Refusal ? error.error : error
    if (reason instanceof SynclineError && reason.code === 'try-later') return this.#giveBack(item.n, reason)
    if (error instanceof Refusal) return this.#refuse(item, error.error, inCommit)
    if (reason instanceof SynclineError && reason.code === 'rejected')
      return this.#refuse(item, reason, inCommit)
    this.#log(item, 'handler-failed', error)
    this.#refuse(item, new SynclineError('handler-failed'), inCommit)
  }

  /** The refusal is an answer like any other: committed, and given again when the write comes again. */
  #refuse(item: WriteItem, error: SynclineError, inCommit = false): void {
    const job = new StreamJob(this, item, { type: 'refused', error: toWireError(error) })
    if (inCommit) this.#context.committer.again(job)
    else this.#context.committer.submit(job)
  }

  /** Nothing from `n` on is taken: the client sends it again. */
  #giveBack(n: number, error: SynclineError): void {
    const keep = n - this.#last - 1
    for (const item of this.#taken.splice(keep)) {
      item.dropped = true
      if (item !== this.#current) this.#release(item)
    }
    this.#started = Math.min(this.#started, keep)
    if (this.#source) this.#sendBack(this.#source, n, error)
  }

  #release(item: WriteItem): void {
    item.source.pendingBytes -= item.bytes
    item.gate?.leave()
    item.gate = undefined
  }

  #log(item: WriteItem, code: ErrorCode, error: unknown): void {
    const { channel, subject } = this.key
    this.#context.logger.error(
      { traceId: item.id, channel, subject, name: item.name, code, error },
      'a mutation failed',
    )
  }
}
