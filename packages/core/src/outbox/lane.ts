import type { Environment } from '../environment/environment.ts'
import { fromWireError, SynclineError, toSynclineError } from '../errors/syncline-error.ts'
import { backoffDelay } from '../operators/backoff-delay.ts'
import type { AnswersFrame, BackFrame, UnknownStreamFrame, WireAnswer } from '../protocol/frames.ts'
import type { Effect } from '../protocol/position.ts'
import type { StorageChange } from '../storage/client-storage.ts'
import type { HubLink } from '../transport/hub-link.ts'
import { examine, type FitnessContext } from './fitness.ts'
import { packWrites } from './pack-writes.ts'
import type { ParkReason } from './receipt.ts'
import type { ReceiptEvent } from './receipt-state.ts'
import { deleteWrites, type StreamRecord, streamKey } from './records.ts'
import { createWaitingLine } from './waiting-line.ts'
import type { Write } from './write.ts'
import {
  answer,
  assign,
  firstOpen,
  goBack,
  newStream,
  openAt,
  openFrom,
  restart,
  unassign,
  type WriteStream,
} from './write-stream.ts'

/** The frames that answer a write stream. */
export type StreamFrame = AnswersFrame | BackFrame | UnknownStreamFrame

/** What a lane asks of the outbox. */
export interface LaneContext extends Pick<FitnessContext, 'maxAge' | 'contractVersion' | 'upgrade'> {
  readonly environment: Environment
  readonly durable: boolean
  /** Writes without an answer, at most. */
  readonly window: number
  link(): HubLink | undefined
  change(write: Write, event: ReceiptEvent): void
  /** Takes a result as it came; returns it parsed, or a promise of that. */
  accepted(write: Write, result: unknown): unknown
  isHeld(channel: string): boolean
  fail(error: SynclineError): void
  /** Undefined where there is nothing to wait for. */
  commit(client: string, changes: () => readonly StorageChange[]): Promise<void> | undefined
  /** Calls `pump` later in this turn. */
  schedule(lane: Lane): void
}

/** The writes of one client to one channel on their way out: numbered, sent, answered, stored. */
export interface Lane {
  readonly client: string
  readonly channel: string
  /** Nothing waits here, parked and kept writes included. */
  readonly empty: boolean
  enqueue(write: Write): void
  /** Takes the unsent writes with this key out, in order; `enqueue` brings them back. */
  detach(key: string | undefined): Write[]
  /** Puts writes that were detached back where they were. */
  reattach(writes: readonly Write[]): void
  discard(write: Write): Promise<void>
  /** A parked write left the storage by another commit. */
  forget(write: Write): void
  /** Lets go of accepted writes that a persisted view includes. */
  settle(passes: (write: Write) => boolean): void
  onLink(): void
  onFrame(frame: StreamFrame): void
  pump(): void
  /** Stores what is not yet stored; nothing is sent any more. */
  close(): Promise<void>
  /** Stops without storing: somebody else has it now. */
  abandon(): void
  toRecord(): StorageChange
}

const unknownCodes: readonly string[] = ['handler-timeout', 'outcome-unknown']
const reasonOf = (code: string): ParkReason =>
  unknownCodes.includes(code) ? 'outcome-unknown' : code === 'contract-outdated' ? code : 'rejected'

const BACKOFF = { firstDelay: 250 }

export const createLane = (
  context: LaneContext,
  client: string,
  channel: string,
  loaded?: { readonly record: StreamRecord | undefined; readonly writes: ReadonlyMap<number, Write> },
): Lane => {
  const { environment } = context
  const line = createWaitingLine()
  /** Accepted, and stored until a persisted view includes them. */
  const kept = new Set<Write>()
  let stream: WriteStream<Write> = newStream()
  let answered = 0
  let dirty = false
  let gone: number[] = []
  let changed = new Set<Write>()
  let waiters: (() => void)[] = []
  let committing: Promise<void> | undefined
  let inbox: StreamFrame[] = []
  let resendFrom: number | undefined
  /** The first number that the present session is the first to see. */
  let newSince = 1
  let pause: { readonly asked: boolean; readonly cancel: () => void } | undefined
  let refusals = { expect: 0, count: 0 }
  let failures = 0
  let closed = false

  const schedule = (): void => context.schedule(lane)
  const remove = (write: Write): void => {
    write.removed = true
    gone.push(write.order)
    dirty = true
  }
  const park = (write: Write, reason: ParkReason, error: SynclineError): void => {
    write.voided = false
    line.park(write)
    changed.add(write)
    dirty = true
    context.change(write, { type: 'parked', reason, error })
  }
  const drop = (write: Write): void => {
    remove(write)
    context.change(write, { type: 'discarded' })
  }
  const pauseFor = (delay: number, asked: boolean): void => {
    pause?.cancel()
    const cancel = environment.setTimer(delay, () => {
      pause = undefined
      schedule()
    })
    pause = { asked, cancel }
  }
  const endPause = (): void => {
    pause?.cancel()
    pause = undefined
  }

  const toRecord = (): StorageChange => {
    const { generation, next, sent } = stream
    const value: StreamRecord = {
      generation,
      next,
      sent: sent.map((write) => write?.order ?? null),
      accepted: [...kept].map((write) => [write.order, write.effects]),
    }
    return { op: 'put', table: 'streams', key: streamKey(client, channel), value }
  }

  const send = (link: HubLink, from: number): void => {
    const open = openFrom(stream, from)
    if (!open.length) return
    const address = { channel, client, generation: stream.generation }
    link.send(...packWrites(address, answered, open, link.welcome.limits.frameBytes))
  }

  /** The writes that get a number now. Those that can't go are parked on the way. */
  const take = (link: HubLink): Write[] => {
    const { frameBytes, writesInFlight } = link.welcome.limits
    const room = Math.min(context.window, writesInFlight) - stream.sent.length
    const now = environment.now()
    return line.take(room, (write) => {
      const fitness = examine(write, { ...context, now, frameBytes })
      if (typeof fitness === 'object') park(write, fitness.reason, fitness.error)
      else if (fitness === 'upgraded') changed.add(write)
      return typeof fitness === 'string'
    })
  }

  const pump = (): void => {
    if (committing || closed) return
    const link = context.link()
    if (link && !pause && resendFrom !== undefined) {
      send(link, resendFrom)
      resendFrom = undefined
    }
    const taken = link && !pause ? take(link) : []
    if (!taken.length && !dirty) return
    stream = assign(stream, taken)
    store(taken)
  }

  /** One commit for all that changed: deletions, parked writes, and the numbers just given. */
  const store = (taken: readonly Write[]): void => {
    const stored = { gone, changed, waiters }
    const commit = context.commit(client, () => [
      ...[...changed].filter(({ removed }) => !removed).map((write) => write.toPut()),
      ...deleteWrites(client, gone),
      toRecord(),
    ])
    gone = []
    changed = new Set()
    waiters = []
    dirty = false
    if (!commit) {
      onStored(taken, stored.waiters)
      return
    }
    committing = commit.then(
      () => onStored(taken, stored.waiters),
      (error: unknown) => {
        gone = [...stored.gone, ...gone]
        changed = new Set([...stored.changed, ...changed])
        waiters = [...stored.waiters, ...waiters]
        onRefused(taken, error)
      },
    )
  }
  const onStored = (taken: readonly Write[], done: readonly (() => void)[]): void => {
    committing = undefined
    failures = 0
    answered = firstOpen(stream) - 1
    for (const write of taken) context.change(write, { type: 'sent' })
    const link = context.link()
    // With a new session everything goes again, these included.
    if (link && taken.length && !closed && resendFrom === undefined) send(link, stream.next - taken.length)
    for (const resolve of done) resolve()
    readInbox()
    schedule()
  }
  /** The writes have no number any more and go again, in order; what was given up meanwhile is done with. */
  const takeBack = (writes: readonly Write[]): void => {
    for (const write of writes) line.arrive(write)
    line.putBack(writes.filter(({ voided }) => !voided))
    for (const write of writes) if (write.voided) drop(write)
  }
  /** Nothing was marked, so nothing may leave: the numbers are taken back. */
  const onRefused = (taken: readonly Write[], error: unknown): void => {
    committing = undefined
    dirty = true
    stream = unassign(stream, taken.length)
    takeBack(taken)
    context.fail(toSynclineError(error, 'storage-failed'))
    if (closed) return
    readInbox()
    // A wait that the hub asked for meanwhile serves as well.
    if (!pause) pauseFor(backoffDelay(BACKOFF, ++failures, environment.random), true)
  }

  const onAccepted = (write: Write, result: unknown, effects: readonly Effect[]): void => {
    write.outcome = context.accepted(write, result)
    write.effects = effects
    context.change(write, { type: 'accepted', effects })
    if (context.isHeld(channel) && effects.some((effect) => effect.channel === channel)) kept.add(write)
    else remove(write)
  }
  const onAnswer = (write: Write, given: WireAnswer): void => {
    if (given[2] === 'accepted') {
      onAccepted(write, given[3], given[4])
      return
    }
    const error = fromWireError(given[3], channel)
    const reason = reasonOf(error.code)
    if (error.code === 'discarded' || (write.voided && reason !== 'outcome-unknown')) drop(write)
    else park(write, reason, error)
  }
  const onAnswers = (answers: readonly WireAnswer[]): void => {
    const settled = new Map<number, readonly [Write, WireAnswer]>()
    for (const given of answers) {
      const write = openAt(stream, given[0])
      if (write?.id === given[1]) settled.set(given[0], [write, given])
      else if (write)
        context.fail(new SynclineError('write-conflict', { channel, detail: `Number ${given[0]}.` }))
    }
    if (!settled.size) return
    stream = answer(stream, settled.keys())
    dirty = true
    refusals = { expect: 0, count: 0 }
    for (const [write, given] of settled.values()) {
      onAnswer(write, given)
      line.arrive(write)
    }
  }
  /** `refused`: the first number that the hub has just refused to take. */
  const onUnknown = (refused = Number.POSITIVE_INFINITY): void => {
    const { stream: fresh, lost, again } = restart(stream, Math.max(newSince, refused))
    stream = fresh
    answered = 0
    resendFrom = undefined
    dirty = true
    endPause()
    newSince = 1
    takeBack(again)
    for (const write of lost) {
      park(write, 'outcome-unknown', new SynclineError('outcome-unknown', { channel }))
      line.arrive(write)
    }
  }
  const onBack = ({ expect, error }: BackFrame): void => {
    const target = goBack(stream, expect)
    if (target === 'unknown') {
      onUnknown()
      return
    }
    // Each frame that was on its way is refused for the same number: one answer for all of them.
    if (pause && refusals.expect === expect) return
    refusals = { expect, count: refusals.expect === expect ? refusals.count + 1 : 1 }
    resendFrom = Math.min(target, resendFrom ?? target)
    const delay = backoffDelay(BACKOFF, refusals.count, environment.random, error.retryAfter)
    pauseFor(delay, error.retryAfter !== undefined)
  }
  const handle = (frame: StreamFrame): void => {
    if (frame.generation !== stream.generation) return
    if (frame.type === 'answers') onAnswers(frame.answers)
    else if (frame.type === 'back') onBack(frame)
    else onUnknown(frame.from)
  }
  const readInbox = (): void => {
    const frames = inbox
    inbox = []
    for (const frame of frames) handle(frame)
  }

  const restore = (record: StreamRecord | undefined, writes: ReadonlyMap<number, Write>): void => {
    const sent = record?.sent.map((order) => (order === null ? undefined : writes.get(order)))
    if (record && sent) stream = answer({ generation: record.generation, next: record.next, sent }, [])
    answered = firstOpen(stream) - 1
    for (const write of writes.values()) context.change(write, { type: 'stored', durable: context.durable })
    for (const write of sent ?? []) {
      if (!write) continue
      context.change(write, { type: 'sent' })
      line.depart(write)
    }
    for (const [order, effects] of record?.accepted ?? []) {
      const write = writes.get(order)
      if (!write) continue
      kept.add(write)
      write.effects = effects
      write.restored = true
      context.change(write, { type: 'sent' })
      context.change(write, { type: 'accepted', effects })
    }
    for (const write of writes.values()) {
      if (write.status.at === 'parked') line.park(write)
      else if (write.status.at === 'queued') line.enqueue(write)
    }
    const oldest = environment.now() - context.maxAge
    settle((write) => write.createdAt < oldest)
    onLink()
  }
  const settle = (passes: (write: Write) => boolean): void => {
    for (const write of kept) {
      if (!passes(write)) continue
      kept.delete(write)
      remove(write)
      context.change(write, { type: 'passed' })
    }
    if (dirty) schedule()
  }

  const onLink = (): void => {
    if (stream.sent.length) resendFrom = firstOpen(stream)
    newSince = stream.next
    // A wait that the hub asked for is kept; our own guess is not.
    if (pause && !pause.asked) endPause()
    schedule()
  }
  const stored = (): Promise<void> => {
    schedule()
    return new Promise((resolve) => waiters.push(resolve))
  }

  const lane: Lane = {
    client,
    channel,
    get empty() {
      return !committing && !dirty && !line.size && !kept.size && !openFrom(stream, 0).length
    },
    enqueue: (write) => {
      line.enqueue(write)
      schedule()
    },
    detach: line.detach,
    reattach: (writes) => {
      line.putBack(writes)
      schedule()
    },
    discard: (write) => {
      if (write.status.at === 'parked') line.unpark(write)
      else if (stream.sent.includes(write)) {
        write.voided = true
        changed.add(write)
        dirty = true
        return stored()
      } else line.remove(write)
      drop(write)
      return stored()
    },
    forget: (write) => {
      write.removed = true
      line.unpark(write)
      schedule()
    },
    settle,
    onLink,
    onFrame: (frame) => {
      if (closed) return
      if (committing !== undefined) inbox.push(frame)
      else {
        handle(frame)
        schedule()
      }
    },
    pump,
    close: async () => {
      closed = true
      endPause()
      await committing
      readInbox()
      endPause()
      if (dirty) store([])
      await committing
    },
    abandon: () => {
      closed = true
      endPause()
      for (const resolve of waiters) resolve()
    },
    toRecord,
  }
  if (loaded) restore(loaded.record, loaded.writes)
  return lane
}
