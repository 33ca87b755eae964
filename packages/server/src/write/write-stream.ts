import { type ErrorCode, type Position, SynclineError } from '@syncline/core'
import type { WireWrite, WritesFrame } from '@syncline/core/protocol'
import type { StreamKey } from '../store/hub-store.ts'
import { decide, voidHash } from './decide.ts'
import { payloadHash } from './payload-hash.ts'
import { Replies } from './replies.ts'
import type { StreamContext } from './stream-context.ts'
import { StreamMemory } from './stream-memory.ts'
import type { AccessSlot } from './write-item.ts'
import { WriteLine } from './write-line.ts'
import type { WriteSource } from './write-source.ts'

/** How long a client waits that has more in flight than allowed, in milliseconds. */
const crowdedRetryAfter = 100
/** How long a client waits whose stream could not be read, in milliseconds. */
const loadRetryAfter = 1_000
/** Answers kept for a client that does not say what it has, in multiples of the writes in flight. */
const keptAnswers = 4

/** A client's writes to one channel: takes them in by their number, as `decide` says. Rule 4 of the design. */
export class WriteStream {
  /** Whose stream to which channel, for the cache. */
  readonly place: string
  readonly #context: StreamContext
  readonly #key: StreamKey
  readonly #memory = new StreamMemory()
  readonly #replies: Replies
  readonly #line: WriteLine
  #state: 'unread' | 'read' = 'unread'
  #reading: Promise<void> | undefined
  /** What came before the stream was read, and how many writes that is. */
  #early: WritesFrame[] = []
  #earlyWrites = 0
  /** The link that it came over last, until it was read. */
  #earlySource: WriteSource | undefined
  /** That link's session, and the first number of it that is not taken, sent back ones included. */
  #earlySession: string | undefined
  #earlyFrom = 1

  constructor(context: StreamContext, key: StreamKey, place: string) {
    this.place = place
    this.#context = context
    this.#key = key
    this.#replies = new Replies(key, context.hasAnswers, () => this.#line.idle)
    this.#line = new WriteLine(context, key, this.#memory, this.#replies)
  }

  get client(): string {
    return this.#key.client
  }

  /** Nothing is under way: it may be forgotten and read from the store again. */
  get idle(): boolean {
    return this.#line.idle && this.#reading === undefined
  }

  get #isRead(): boolean {
    return this.#state === 'read' && this.#line.trusted
  }

  /**
   * Resolves once it was read from the store.
   * @throws SynclineError `store-unavailable`
   */
  async ready(): Promise<void> {
    if (!this.#isRead) await this.#read()
    if (!this.#isRead) throw new SynclineError('store-unavailable', { retryAfter: loadRetryAfter })
  }

  /** The accepted writes whose effect on the channel is not after `position`. */
  writesWithin(position: Position): readonly string[] {
    return this.#memory.acceptedWithin(this.#key.channel, position)
  }

  receive(source: WriteSource, frame: WritesFrame): void {
    if (!this.#isRead) {
      this.#receiveEarly(source, frame)
      return
    }
    this.#replies.source = source
    this.#memory.forget(frame.answered)
    const slot: AccessSlot = { answer: undefined, revision: -1 }
    for (const write of frame.writes) if (!this.#take(source, frame, write, slot)) break
    this.#line.run()
    this.#replies.sendAnswers()
  }

  /** False: nothing after it in this frame can be taken either. */
  #take(source: WriteSource, frame: WritesFrame, write: WireWrite, slot: AccessSlot): boolean {
    const [n, id, kind, name, data, version] = write
    const json = kind === 'void' ? '' : (JSON.stringify(data) ?? '')
    const hash = kind === 'void' ? voidHash : payloadHash(kind, name, json)
    const decision = decide(this.#memory, this.#line.items, write, hash)
    switch (decision) {
      case 'run': {
        this.#replies.inTurn()
        const bytes = json.length
        if (!this.#hasRoom(source, bytes)) return this.#crowded(source)
        const wait = source.mayWrite()
        if (wait > 0) return this.#tooFast(source, wait)
        source.pendingBytes += bytes
        this.#line.items.push({
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
          phase: undefined,
          reaching: false,
          dropped: false,
        })
        return true
      }
      case 'pending':
        return true
      case 'back':
        this.#replies.back(source, this.#expected, new SynclineError('wrong-number'))
        return false
      case 'unknown':
        if (this.#replies.unknown(source, n)) this.#undecided(frame, n, 'outcome-unknown')
        return false
      case 'conflict':
        return this.#refuse(write, 'write-conflict')
      case 'forgotten':
        return this.#refuse(write, 'outcome-unknown')
      default:
        this.#replies.answer(decision)
        return true
    }
  }

  #refuse([n, id, , name]: WireWrite, code: ErrorCode): true {
    this.#replies.refuse(n, id, new SynclineError(code))
    this.#context.writeLog.undecided(this.#key, { id, name }, code)
    return true
  }

  #undecided({ writes }: WritesFrame, from: number, code: ErrorCode): void {
    for (const [n, id, , name] of writes)
      if (n >= from) this.#context.writeLog.undecided(this.#key, { id, name }, code)
  }

  get #expected(): number {
    return this.#memory.last + this.#line.items.length + 1
  }

  #hasRoom(source: WriteSource, bytes: number): boolean {
    const { writesInFlight, pendingBytes } = this.#context.limits
    if (this.#line.items.length >= writesInFlight) return false
    if (this.#memory.answers.length >= keptAnswers * writesInFlight) return false
    return source.pendingBytes === 0 || source.pendingBytes + bytes <= pendingBytes
  }

  #crowded(source: WriteSource): false {
    const error = new SynclineError('too-many-writes', { retryAfter: crowdedRetryAfter })
    this.#replies.back(source, this.#expected, error)
    return false
  }

  #tooFast(source: WriteSource, retryAfter: number): false {
    this.#replies.back(source, this.#expected, new SynclineError('rate-limited', { retryAfter }))
    return false
  }

  #receiveEarly(source: WriteSource, frame: WritesFrame): void {
    void this.#read()
    const first = frame.writes[0]?.[0]
    if (first === undefined) return
    this.#earlyWrites += frame.writes.length
    this.#earlyFrom = this.#earlySession === source.id ? Math.min(this.#earlyFrom, first) : first
    this.#earlySession = source.id
    this.#earlySource = source
    if (this.#earlyWrites <= this.#context.limits.writesInFlight) this.#early.push(frame)
  }

  #sendBack(source: WriteSource, from: number, error: SynclineError): void {
    this.#replies.inTurn()
    this.#replies.back(source, from, error)
  }

  #read(): Promise<void> {
    this.#reading ??= this.#load()
    return this.#reading
  }

  async #load(): Promise<void> {
    this.#state = 'unread'
    try {
      this.#memory.load(await this.#context.store.stream(this.#key))
      this.#line.trusted = true
      this.#state = 'read'
    } catch (error) {
      this.#context.logger.error({ channel: this.#key.channel, error }, 'a write stream could not be read')
    }
    this.#reading = undefined
    const early = this.#early
    const overflown = this.#earlyWrites > this.#context.limits.writesInFlight
    // The client may have come back over another link since the reading began.
    const source = this.#earlySource
    const from = this.#earlyFrom
    this.#early = []
    this.#earlyWrites = 0
    this.#earlySource = undefined
    if (this.#state === 'read') this.#earlySession = undefined
    if (!source) return
    if (this.#state === 'unread') {
      const error = new SynclineError('store-unavailable', { retryAfter: loadRetryAfter })
      this.#sendBack(source, from, error)
      for (const frame of early) this.#undecided(frame, 0, error.code)
    } else if ((early[0]?.writes[0]?.[0] ?? from) > from) {
      this.#sendBack(source, from, new SynclineError('wrong-number'))
    } else {
      for (const frame of early) this.receive(source, frame)
      if (overflown) this.#crowded(source)
    }
  }
}
