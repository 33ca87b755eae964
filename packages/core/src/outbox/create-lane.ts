import { SynclineError, toSynclineError } from '../errors/syncline-error.ts'
import { backoffDelay } from '../operators/backoff-delay.ts'
import type { BackFrame, StreamFrame, WireAnswer } from '../protocol/frames.ts'
import { createRequest } from '../state/request.ts'
import type { StorageChange } from '../storage/client-storage.ts'
import type { HubLink } from '../transport/hub-link.ts'
import { createFates } from './fates.ts'
import { examine } from './fitness.ts'
import type { Lane, LaneContext, StoredLane } from './lane.ts'
import { packWrites } from './pack-writes.ts'
import { type StreamRecord, streamKey } from './records.ts'
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

const BACKOFF = { firstDelay: 250 }

export const createLane = (
  context: LaneContext,
  client: string,
  channel: string,
  loaded?: StoredLane,
): Lane => {
  const { environment } = context
  const schedule = (): void => context.schedule(lane)
  const line = createWaitingLine(context.keys(channel), schedule)
  const journal = context.journal(client)
  const fates = createFates(context, channel, line, journal)
  const pause = createRequest(environment, 0, schedule)
  /** The hub asked for the last pause: it is no guess of ours. */
  let asked = false
  let stream: WriteStream<Write> = newStream()
  /** All up to this number were answered, and that is stored. */
  let answered = 0
  /** What came while numbers were being stored. */
  let inbox: StreamFrame[] = []
  /** The first number that goes again; 0: none. */
  let resendFrom = 0
  /** The first number that the present session is the first to see. */
  let newSince = 1
  let refusals = { expect: 0, count: 0 }
  let failures = 0
  let closed = false

  const wait = (delay: number, isAsked: boolean): void => {
    asked = isAsked
    pause.pause(delay)
  }

  const toRecord = (): StorageChange => {
    const { generation, next, sent } = stream
    const value: StreamRecord = {
      generation,
      next,
      sent: sent.map((write) => write?.order ?? null),
      accepted: [...fates.kept].map((write) => [write.order, write.effects]),
    }
    return { op: 'put', table: 'streams', key: streamKey(client, channel), value }
  }

  // Out

  const send = (link: HubLink, from: number): void => {
    const address = { channel, client, generation: stream.generation }
    link.send(...packWrites(address, answered, openFrom(stream, from), link.welcome.limits.frameBytes))
  }
  /** The writes that get a number now. Those that can't go are parked on the way. */
  const take = (link: HubLink): Write[] => {
    const { frameBytes, writesInFlight } = link.welcome.limits
    const room = Math.min(context.window, writesInFlight) - stream.sent.length
    const oldest = environment.now() - context.maxAge
    return line.take(room, (write) => {
      const fitness = examine(write, context, oldest, frameBytes)
      if (typeof fitness === 'object') fates.park(write, fitness.reason, fitness.error)
      else if (fitness === 'upgraded') journal.put(write)
      return typeof fitness === 'string'
    })
  }
  const pump = (): void => {
    if (journal.committing || closed) return
    const link = pause.free ? context.link() : undefined
    if (link && resendFrom) {
      send(link, resendFrom)
      resendFrom = 0
    }
    const taken = link ? take(link) : []
    if (!taken.length && !journal.dirty) return
    stream = assign(stream, taken)
    store(taken)
  }
  /** One commit for all that changed, the numbers just given included. */
  const store = (taken: readonly Write[]): void =>
    journal.commit(
      toRecord,
      () => onStored(taken),
      (error) => onRefused(taken, error),
    )
  const onStored = (taken: readonly Write[]): void => {
    failures = 0
    answered = firstOpen(stream) - 1
    for (const write of taken) context.change(write, { at: 'sent' })
    const link = context.link()
    // With a new session everything goes again, these included.
    if (link && taken.length && !closed && !resendFrom) send(link, stream.next - taken.length)
    readInbox()
    schedule()
  }
  /** The writes have no number any more and go again, in order; what was given up meanwhile is done with. */
  const takeBack = (writes: readonly Write[]): void => {
    for (const write of writes) line.arrive(write)
    line.putBack(writes.filter(({ voided }) => !voided))
    for (const write of writes) if (write.voided) fates.drop(write)
  }
  /** Nothing was marked, so nothing may leave: the numbers are taken back. */
  const onRefused = (taken: readonly Write[], error: unknown): void => {
    stream = unassign(stream, taken.length)
    takeBack(taken)
    context.fail(toSynclineError(error, 'storage-failed'))
    if (closed) return
    readInbox()
    // A wait that the hub asked for meanwhile serves as well.
    if (pause.free) wait(backoffDelay(BACKOFF, ++failures, environment.random), true)
  }

  // In

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
    journal.touch()
    refusals = { expect: 0, count: 0 }
    for (const [write, given] of settled.values()) {
      fates.answer(write, given)
      line.arrive(write)
    }
  }
  /** `refused`: the first number that the hub has just refused to take. */
  const onUnknown = (refused = Infinity): void => {
    const { stream: fresh, lost, again } = restart(stream, Math.max(newSince, refused))
    stream = fresh
    answered = 0
    resendFrom = 0
    journal.touch()
    pause.done()
    newSince = 1
    takeBack(again)
    for (const write of lost) {
      fates.park(write, 'outcome-unknown', new SynclineError('outcome-unknown', { channel }))
      line.arrive(write)
    }
  }
  const onBack = ({ expect, error }: BackFrame): void => {
    const target = goBack(stream, expect)
    if (target === 'unknown') {
      onUnknown(expect)
      return
    }
    // Each frame that was on its way is refused for the same number: one answer for all of them.
    if (!pause.free && resendFrom && refusals.expect === expect) return
    refusals = { expect, count: refusals.expect === expect ? refusals.count + 1 : 1 }
    resendFrom = Math.min(target, resendFrom || target)
    const delay = backoffDelay(BACKOFF, refusals.count, environment.random, error.retryAfter)
    wait(delay, error.retryAfter !== undefined)
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

  // The life of it

  const restore = ({ record, writes }: StoredLane): void => {
    const sent = record?.sent.map((order) => (order === null ? undefined : writes.get(order)))
    if (record && sent) stream = answer({ generation: record.generation, next: record.next, sent }, [])
    answered = firstOpen(stream) - 1
    for (const write of writes.values()) context.change(write, { at: 'queued', durable: context.durable })
    for (const write of sent ?? []) {
      if (!write) continue
      context.change(write, { at: 'sent' })
      line.depart(write)
    }
    for (const [order, effects] of record?.accepted ?? []) {
      const write = writes.get(order)
      if (write) fates.recall(write, effects)
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
    fates.settle(passes)
    if (journal.dirty) schedule()
  }
  const onLink = (): void => {
    resendFrom = stream.sent.length && firstOpen(stream)
    newSince = stream.next
    // A wait that the hub asked for is kept; our own guess is not.
    if (!asked) pause.done()
    const link = context.link()
    // If nothing can go again before channels join, the hub is told at least of which stream to say what they have.
    if (link && resendFrom && (journal.committing || !pause.free)) send(link, stream.next)
    schedule()
  }

  const lane: Lane = {
    client,
    channel,
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
      const isSent = stream.sent.includes(write)
      if (isSent) {
        write.voided = true
        journal.put(write)
      } else {
        if (write.status.at === 'parked') line.unpark(write)
        else line.remove(write)
        fates.drop(write)
      }
      schedule()
      return journal.next()
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
      if (journal.committing !== undefined) inbox.push(frame)
      else {
        handle(frame)
        schedule()
      }
    },
    pump,
    close: async () => {
      closed = true
      pause.done()
      await journal.committing
      readInbox()
      pause.done()
      if (journal.dirty) store([])
      await journal.committing
      journal.abandon(new SynclineError('closed'))
    },
    abandon: () => {
      closed = true
      pause.done()
      journal.abandon()
    },
    toRecord,
  }
  if (loaded) restore(loaded)
  return lane
}
