import { Observable, type Subscription } from 'rxjs'
import { fromWireError, type SynclineError, toSynclineError } from '../errors/syncline-error.ts'
import { backoffDelay } from '../operators/backoff-delay.ts'
import type {
  ErrorFrame,
  HeadsFrame,
  HubFrame,
  JoinedFrame,
  MessagesFrame,
  PageFrame,
  RefusedFrame,
  SnapshotFrame,
  WireMessage,
} from '../protocol/frames.ts'
import type { Anchor, Position } from '../protocol/position.ts'
import { direct } from '../state/direct.ts'
import { Emitter } from '../state/emitter.ts'
import { createRequest, type Request } from '../state/request.ts'
import { createState, type WritableState } from '../state/state.ts'
import { createUsage, type Usage } from '../state/usage.ts'
import type { HubLink } from '../transport/hub-link.ts'
import type { ChannelLog, ChannelOccurrence, ChannelState } from './channel.ts'
import type { ChannelLogOptions } from './channel-log-options.ts'
import { createFacts, nextRequest, phaseOf } from './channel-state.ts'
import { createDelivery, type Delivery } from './delivery.ts'
import { createEpochs } from './epochs.ts'
import { createMessageOrder, type MessageOrder, toAnchor } from './message-order.ts'
import { createNeeds, isUnserved } from './needs.ts'
import { createSnapshotRequest, type SnapshotRequest } from './snapshot-request.ts'

/** A log and its end. */
export interface OwnedChannelLog extends ChannelLog {
  /** Stops and frees everything; nothing is emitted any more. */
  close(): void
}

const same = (a: Anchor, b: Anchor): boolean => a.epoch === b.epoch && a.seq === b.seq && a.id === b.id

/**
 * A channel's log: joins while it is used, goes on after every cut, and hands on each message once and in order.
 * A class, as there may be thousands: functions of its own would take a channel several times the memory.
 */
class Log implements OwnedChannelLog {
  readonly name: string
  readonly state$: WritableState<ChannelState>
  readonly errors$ = new Emitter<SynclineError>()
  readonly occurrences$: Observable<ChannelOccurrence>
  /** Handed on by itself, as a function. */
  readonly report = (failure: SynclineError): void => this.errors$.next(failure)
  readonly #options: ChannelLogOptions
  readonly #bufferMessages: number
  readonly #gapTimeout: number
  readonly #out$ = new Emitter<ChannelOccurrence>()
  readonly #order: MessageOrder
  readonly #epochs = createEpochs()
  readonly #needs = createNeeds()
  readonly #facts = createFacts()
  readonly #request: Request
  readonly #snapshots: SnapshotRequest
  readonly #lateness: Request
  readonly #delivery: Delivery
  readonly #usage: Usage
  readonly #pendingSubscription: Subscription
  #link: HubLink | undefined
  #session: HubLink | undefined
  #head: Anchor | undefined
  #delivered: Anchor | undefined
  #error: SynclineError | undefined
  /** What the open question starts from. */
  #asked: Anchor | undefined
  #joinedAt = 0
  /** A view has yet to get a state that reaches what was delivered. */
  #lacking = false
  #early: MessagesFrame[] = []
  #subscriptions: readonly Subscription[] = []

  constructor(options: ChannelLogOptions) {
    const { environment, pending$, linger = 5_000, requestTimeout = 10_000 } = options
    const { bufferMessages = 1_000, gapTimeout = 1_000 } = options
    this.name = options.name
    this.#options = options
    this.#bufferMessages = bufferMessages
    this.#gapTimeout = gapTimeout
    this.#order = createMessageOrder(bufferMessages)
    this.#request = createRequest(environment, requestTimeout, () => {
      this.#facts.refused = false
      this.#advance()
    })
    this.#snapshots = createSnapshotRequest(environment, requestTimeout, () => this.#advance())
    this.#lateness = createRequest(environment, gapTimeout, () => {
      this.#facts.overdue = this.#facts.behind
      this.#advance()
    })
    this.#delivery = createDelivery({
      name: options.name,
      parseEvent: options.parseEvent,
      parseSnapshot: options.parseSnapshot,
      emit: (occurrence) => this.#emit(occurrence),
      snapshotFailed: (failure) => {
        this.#snapshotFailed(failure)
        this.#advance()
      },
      drained: () => {
        this.#weigh()
        this.#advance()
      },
    })
    this.state$ = createState<ChannelState>({
      phase: 'idle',
      position: undefined,
      head: undefined,
      pending: pending$.get(),
      error: undefined,
    })
    this.#usage = createUsage(
      environment,
      linger,
      () => this.#start(),
      () => this.#stop(),
    )
    this.#pendingSubscription = pending$.subscribe(() => this.#publish())
    this.occurrences$ = new Observable((subscriber) => {
      // It unsubscribes with its subscriber.
      this.#out$.subscribe(subscriber)
      const leave = this.#usage.enter()
      this.#useAgain()
      return leave
    })
  }
  get joined(): boolean {
    return this.#facts.joined
  }
  get session(): HubLink | undefined {
    return this.#facts.restoring ? undefined : this.#session
  }
  need({ at, snapshot }: Parameters<ChannelLog['need']>[0]): () => void {
    const loading = at instanceof Promise
    const need = { at: loading ? undefined : at, snapshot, loading }
    const withdraw = this.#needs.add(need)
    const reconsider = (): void => {
      this.#facts.loading = this.#needs.loading
      this.#advance()
    }
    const known = (found: Anchor | undefined): void => {
      const { tail } = this.#order
      need.at = found
      need.loading = false
      if (tail && this.#needs.has(need) && isUnserved(need, tail)) this.#supply()
    }
    if (loading)
      at.catch((cause) => {
        this.errors$.next(toSynclineError(cause, 'storage-failed'))
        return undefined
      }).then((found) => {
        known(found)
        reconsider()
      })
    else known(at)
    this.#facts.loading = this.#needs.loading
    return () => {
      withdraw()
      if (!this.#needs.snapshot) this.#lacking = false
      reconsider()
    }
  }
  refresh(): void {
    this.#snapshots.want()
    this.#useAgain()
  }
  hasPassed(position: Position): boolean {
    // What a snapshot has yet to bring was not delivered.
    if (this.#facts.restoring || this.#lacking) return false
    return this.#epochs.hasPassed(position, this.#delivered)
  }
  close(): void {
    this.#usage.end()
    this.#pendingSubscription.unsubscribe()
    this.#out$.complete()
    this.errors$.complete()
    this.state$.complete()
  }

  // What is shown

  #emit(occurrence: ChannelOccurrence): void {
    if (occurrence.type === 'batch') this.#delivered = occurrence.batch.position
    else if (occurrence.type === 'missed') this.#delivered = occurrence.missed.through
    else this.#facts.restoring = false
    const served = this.#lacking && occurrence.type === 'snapshot'
    if (served) this.#lacking = false
    this.#out$.next(occurrence)
    if (served) this.#publish(true)
    if (occurrence.type !== 'batch') return
    for (const failure of occurrence.batch.invalid) this.errors$.next(failure)
  }
  #publish(force = false): void {
    const phase = phaseOf(this.#facts)
    const pending = this.#options.pending$.get()
    const position = this.#delivered
    const head = this.#head
    const error = this.#error
    const last = this.state$.get()
    if (
      force ||
      phase !== last.phase ||
      position !== last.position ||
      head !== last.head ||
      pending !== last.pending ||
      error !== last.error
    )
      this.state$.set({ phase, position, head, pending, error })
  }

  // What is asked

  #join(): void {
    const { snapshot } = this.#needs
    const at = this.#order.tail ?? this.#needs.oldest
    this.#asked = at
    this.#request.ask()
    this.#link?.send({
      type: 'join',
      channel: this.name,
      ...(at && { at }),
      ...(snapshot && { snapshot }),
    })
  }
  #patience(retryAfter?: number): number {
    const { random } = this.#options.environment
    return backoffDelay({ firstDelay: this.#gapTimeout }, 1, random, retryAfter)
  }
  #fetch(): void {
    const after = this.#order.received
    this.#asked = after
    if (!after) return
    this.#request.ask()
    const { pageLimit } = this.#options
    this.#link?.send({ type: 'fetch', channel: this.name, after, ...(pageLimit && { limit: pageLimit }) })
  }
  #advance(): void {
    if (this.#request.free) {
      const next = nextRequest(this.#facts)
      if (next === 'join') this.#join()
      else if (next) this.#fetch()
    }
    if (this.#facts.joined && this.#snapshots.due) {
      this.#snapshots.ask()
      this.#link?.send({ type: 'snapshot', channel: this.name })
    }
    this.#publish()
  }
  /** The log that the hub speaks of is not the one we follow: the hub has to say how it goes on. */
  #rejoin() {
    const order = this.#order
    this.#facts.joined = false
    this.#early = []
    order.restart(order.tail)
    this.#request.done()
    if (this.#options.environment.now() - this.#joinedAt < this.#gapTimeout)
      this.#request.pause(this.#gapTimeout)
    this.#advance()
  }

  // What comes in

  #noteHead(next: Anchor): void {
    const head = this.#head
    if (next.epoch !== head?.epoch || next.seq > head.seq) this.#head = next
  }
  #weigh(): void {
    const facts = this.#facts
    const { received } = this.#order
    if (!facts.joined || !this.#head || !received) return
    const { backlog } = this.#delivery
    facts.full = backlog >= this.#bufferMessages
    facts.behind = received.seq < this.#head.seq
    if (!facts.behind) {
      facts.overdue = false
      this.#lateness.done()
      if (backlog === 0) facts.wasLive = true
    } else if (this.#order.holed) facts.overdue = true
    else if (facts.wasLive && !facts.overdue && this.#lateness.free) this.#lateness.ask()
  }
  #deliver(ready: readonly WireMessage[]): void {
    const { tail } = this.#order
    if (!ready.length || !tail) return
    // The head that came with them may be from before: nobody is to see a position beyond it.
    this.#noteHead(tail)
    this.#delivery.batch(ready, tail)
  }
  /** Takes messages of the current epoch; false when they show that it is another log. */
  #ingest({ messages, head }: Pick<MessagesFrame, 'messages' | 'head'>, after?: string): boolean {
    const order = this.#order
    if (!this.#facts.full) this.#deliver(order.take(messages, after))
    const { received, diverged } = order
    if (!received || diverged || (head && !this.#confirm(head))) return false
    const last = messages[messages.length - 1]
    this.#noteHead(head ?? (last && last[0] > received.seq ? toAnchor(received, last) : received))
    this.#weigh()
    return true
  }
  /** The hub says that this is its newest: true if it fits what we have. */
  #confirm(newest: Anchor): boolean {
    const { received } = this.#order
    if (received?.epoch !== newest.epoch) return false
    // A head from before says nothing of what has come since.
    if (received.seq !== newest.seq) return true
    if (received.id !== newest.id) return false
    this.#deliver(this.#order.flush())
    return true
  }

  #onMessages(frame: MessagesFrame): void {
    if (!this.#facts.joined) {
      if (this.#request.open && this.#early.length < this.#bufferMessages) this.#early.push(frame)
    } else if (frame.epoch !== this.#order.tail?.epoch) {
      if (!this.#epochs.isOld(frame.epoch)) this.#rejoin()
    } else if (this.#ingest(frame, frame.after)) this.#advance()
    else this.#rejoin()
  }
  /** The hub could not go on from `from`: what lies between is lost to us. */
  #jump(from: Anchor, { start, snapshot }: JoinedFrame): void {
    const restoring = this.#needs.snapshot
    for (const left of [from.epoch, this.#delivered?.epoch])
      if (left !== undefined && left !== start.epoch) this.#epochs.leave(left)
    this.#order.restart(start)
    this.#facts.restoring = restoring
    this.#snapshots.want(restoring && !snapshot)
    this.#snapshots.done()
    this.#delivery.push({ type: 'missed', missed: { after: from, through: start } })
  }
  #begin({ start, snapshot }: JoinedFrame): void {
    this.#order.restart(start)
    this.#delivered = start
    if (snapshot) return
    for (const need of this.#needs) if (isUnserved(need, start)) this.#supply()
  }
  /** A view missed what lies before: it gets a snapshot. */
  #supply(): void {
    this.#lacking = true
    this.#snapshots.want()
  }
  #onJoined(frame: JoinedFrame) {
    const facts = this.#facts
    if (!this.#request.open || facts.joined) return
    const { start, snapshot } = frame
    const from = this.#asked
    this.#request.done()
    this.#joinedAt = this.#options.environment.now()
    facts.joined = true
    facts.wasLive = facts.overdue = false
    this.#error = undefined
    this.#head = frame.head
    facts.behind = start.seq < frame.head.seq
    this.#epochs.confirm(start.epoch)
    if (from && (frame.gone || start.epoch !== from.epoch || start.seq !== from.seq)) this.#jump(from, frame)
    else if (!this.#order.tail) this.#begin(frame)
    this.#session = this.#link
    this.#publish(true)
    if (snapshot) this.#delivery.snapshot(snapshot, start)
    if (!this.#ingest(frame, start.id)) return this.#rejoin()
    for (const early of this.#early.splice(0))
      if (early.epoch === start.epoch && !this.#ingest(early, early.after)) return this.#rejoin()
    this.#advance()
  }
  #onPage(frame: PageFrame) {
    const { after } = frame
    const asked = this.#asked
    if (!this.#request.open || !this.#facts.joined || !asked || !same(asked, after)) return
    this.#request.done()
    if (frame.gone || !this.#ingest(frame, after.id)) return this.#rejoin()
    if (this.#order.received?.seq === after.seq && this.#facts.behind) this.#request.pause(this.#gapTimeout)
    this.#advance()
  }
  #snapshotFailed(failure: SynclineError): void {
    this.errors$.next(failure)
    this.#snapshots.failed(failure.retryAfter)
  }
  #onSnapshot(frame: SnapshotFrame) {
    const snapshots = this.#snapshots
    const { position } = frame
    // One of a log that the channel has left answers an older question: ours stays open.
    if (!snapshots.open || this.#epochs.isOld(position.epoch)) return
    snapshots.done()
    if (frame.error) this.#snapshotFailed(fromWireError(frame.error, this.name))
    else if (position.epoch !== this.#order.tail?.epoch) return this.#rejoin()
    else {
      snapshots.served()
      this.#noteHead(position)
      this.#weigh()
      this.#delivery.snapshot(frame, position)
    }
    this.#advance()
  }
  #onHeads(frame: HeadsFrame) {
    const newest = frame.heads.find(([channel]) => channel === this.name)?.[1]
    if (!newest || !this.#facts.joined || this.#epochs.isOld(newest.epoch)) return
    if (!this.#ingest({ messages: [], head: newest })) return this.#rejoin()
    const settled = this.#epochs.confirm(newest.epoch)
    this.#advance()
    if (settled) this.#publish(true)
  }
  #onRefused(frame: RefusedFrame): void {
    this.#leaveLog()
    const error = fromWireError(frame.error, this.name)
    this.#error = error
    this.#facts.refused = true
    if (error.retryAfter !== undefined) this.#request.pause(this.#patience(error.retryAfter))
    this.#publish()
    this.errors$.next(error)
  }
  #onError(frame: ErrorFrame): void {
    const delay = this.#patience(frame.error.retryAfter ?? this.#gapTimeout)
    if (this.#request.open) this.#request.pause(delay)
    if (this.#snapshots.open) this.#snapshots.pause(delay)
  }
  #onFrame(frame: HubFrame): void {
    if (frame.type === 'messages') this.#onMessages(frame)
    else if (frame.type === 'heads') this.#onHeads(frame)
    else if (frame.type === 'joined') this.#onJoined(frame)
    else if (frame.type === 'page') this.#onPage(frame)
    else if (frame.type === 'snapshot') this.#onSnapshot(frame)
    else if (frame.type === 'refused') this.#onRefused(frame)
    else if (frame.type === 'error') this.#onError(frame)
  }

  // The life of it

  /** The hub's side is gone; what was handed on stays where we go on from. */
  #leaveLog(): void {
    const facts = this.#facts
    this.#request.done()
    this.#snapshots.done()
    this.#lateness.done()
    facts.joined = facts.wasLive = facts.overdue = facts.behind = facts.refused = false
    this.#session = undefined
    this.#early = []
    this.#order.restart(this.#order.tail)
  }
  #onLink(next: HubLink | undefined): void {
    this.#link = next
    this.#leaveLog()
    this.#facts.linked = next !== undefined
    this.#error = undefined
    this.#advance()
  }
  #start(): void {
    this.#facts.wanted = true
    this.#subscriptions = [
      this.#options.frames$.subscribe(direct((frame) => this.#onFrame(frame))),
      this.#options.link$.subscribe((link) => this.#onLink(link)),
    ]
  }
  #stop(): void {
    const facts = this.#facts
    for (const subscription of this.#subscriptions) subscription.unsubscribe()
    this.#subscriptions = []
    const known = facts.joined || this.#request.open
    this.#leaveLog()
    this.#delivery.clear()
    this.#order.restart(undefined)
    facts.wanted = facts.linked = facts.full = facts.restoring = this.#lacking = false
    this.#snapshots.want(false)
    this.#head = this.#delivered = this.#error = this.#asked = undefined
    if (known) this.#link?.send({ type: 'leave', channel: this.name })
    this.#link = undefined
    this.#publish()
  }
  /** What was refused may be granted by now: whoever uses the channel anew asks again, unless the hub wants patience. */
  #useAgain(): void {
    if (this.#facts.refused && this.#request.free) {
      this.#facts.refused = false
      this.#error = undefined
    }
    this.#advance()
  }
}

export const createChannelLog = (options: ChannelLogOptions): OwnedChannelLog => new Log(options)
