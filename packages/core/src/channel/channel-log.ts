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
import type { Anchor } from '../protocol/position.ts'
import { Emitter } from '../state/emitter.ts'
import { createState } from '../state/state.ts'
import { createUsage } from '../state/usage.ts'
import type { HubLink } from '../transport/hub-link.ts'
import type { ChannelLog, ChannelOccurrence, ChannelState } from './channel.ts'
import type { ChannelLogOptions } from './channel-log-options.ts'
import { createFacts, nextRequest, phaseOf } from './channel-state.ts'
import { createDelivery } from './delivery.ts'
import { createEpochs } from './epochs.ts'
import { createMessageOrder } from './message-order.ts'
import { createNeeds, isUnserved } from './needs.ts'
import { createRequest } from './request.ts'
import { createSnapshotRequest } from './snapshot-request.ts'

/** A log and its end. */
export interface OwnedChannelLog extends ChannelLog {
  /** Stops and frees everything; nothing is emitted any more. */
  close(): void
}

const same = (a: Anchor, b: Anchor): boolean => a.epoch === b.epoch && a.seq === b.seq && a.id === b.id

/** A channel's log: joins while it is used, goes on after every cut, and hands on each message once and in order. */
export const createChannelLog = (options: ChannelLogOptions): OwnedChannelLog => {
  const { name, environment, link$, pending$ } = options
  const { linger = 5_000, bufferMessages = 1_000, gapTimeout = 1_000, requestTimeout = 10_000 } = options

  const out$ = new Emitter<ChannelOccurrence>()
  const errors$ = new Emitter<SynclineError>()
  const order = createMessageOrder(bufferMessages)
  const epochs = createEpochs()
  const needs = createNeeds()
  const facts = createFacts()
  let link: HubLink | undefined
  let head: Anchor | undefined
  let delivered: Anchor | undefined
  let error: SynclineError | undefined
  /** What the open question starts from. */
  let asked: Anchor | undefined
  let joinedAt = 0
  let early: MessagesFrame[] = []
  let subscriptions: Subscription[] = []

  const again = (): void => {
    facts.refused = false
    advance()
  }
  const request = createRequest(environment, requestTimeout, again)
  const snapshots = createSnapshotRequest(environment, requestTimeout, () => advance())
  const lateness = createRequest(environment, gapTimeout, () => {
    facts.overdue = facts.behind
    advance()
  })

  const emit = (occurrence: ChannelOccurrence): void => {
    if (occurrence.type === 'batch') delivered = occurrence.batch.position
    else if (occurrence.type === 'missed') delivered = occurrence.missed.through
    else facts.restoring = false
    out$.next(occurrence)
    if (occurrence.type !== 'batch') return
    for (const failure of occurrence.batch.invalid) errors$.next(failure)
  }
  const delivery = createDelivery({
    name,
    parseEvent: options.parseEvent,
    parseSnapshot: options.parseSnapshot,
    emit,
    snapshotFailed: (failure) => {
      snapshotFailed(failure)
      advance()
    },
    drained: () => {
      weigh()
      advance()
    },
  })

  // What is shown

  const state$ = createState<ChannelState>({
    phase: 'idle',
    position: undefined,
    head: undefined,
    pending: pending$.get(),
    error: undefined,
  })
  const publish = (force = false): void => {
    const phase = phaseOf(facts)
    const pending = pending$.get()
    const last = state$.get()
    if (
      force ||
      phase !== last.phase ||
      delivered !== last.position ||
      head !== last.head ||
      pending !== last.pending ||
      error !== last.error
    )
      state$.set({ phase, position: delivered, head, pending, error })
  }

  // What is asked

  const join = (): void => {
    asked = order.tail ?? needs.oldest
    request.ask()
    link?.send({
      type: 'join',
      channel: name,
      ...(asked && { at: asked }),
      ...(needs.snapshot && { snapshot: true }),
    })
  }
  const patience = (retryAfter?: number): number =>
    backoffDelay({ firstDelay: gapTimeout }, 1, environment.random, retryAfter)
  const fetch = (): void => {
    asked = order.received
    if (!asked) return
    request.ask()
    const { pageLimit } = options
    link?.send({ type: 'fetch', channel: name, after: asked, ...(pageLimit && { limit: pageLimit }) })
  }
  const advance = (): void => {
    if (request.free) {
      const next = nextRequest(facts)
      if (next === 'join') join()
      else if (next) fetch()
    }
    if (facts.joined && snapshots.due) {
      snapshots.ask()
      link?.send({ type: 'snapshot', channel: name })
    }
    publish()
  }
  /** The log that the hub speaks of is not the one we follow: the hub has to say how it goes on. */
  const rejoin = () => {
    facts.joined = false
    early = []
    order.restart(order.tail)
    request.done()
    if (environment.now() - joinedAt < gapTimeout) request.pause(gapTimeout)
    advance()
  }

  // What comes in

  const noteHead = (next: Anchor): void => {
    if (!head || next.seq > head.seq || next.epoch !== head.epoch) head = next
  }
  const weigh = (): void => {
    if (!facts.joined || !head || !order.received) return
    facts.full = delivery.backlog >= bufferMessages
    facts.behind = order.received.seq < head.seq
    if (!facts.behind) {
      facts.overdue = false
      lateness.done()
      if (delivery.backlog === 0) facts.wasLive = true
    } else if (order.holed) facts.overdue = true
    else if (facts.wasLive && !facts.overdue && lateness.free) lateness.ask()
  }
  const deliver = (ready: readonly WireMessage[]): void => {
    if (ready.length > 0 && order.tail) delivery.batch(ready, order.tail)
  }
  /** Takes messages of the current epoch; false when they show that it is another log. */
  const ingest = (messages: readonly WireMessage[], announced: Anchor | undefined): boolean => {
    if (!facts.full) deliver(order.take(messages))
    if (order.diverged) return false
    const { received } = order
    const last = messages.at(-1)
    if (!received) return true
    if (announced) noteHead(announced)
    else if (last && last[0] > received.seq) noteHead({ epoch: received.epoch, seq: last[0], id: last[1] })
    else noteHead(received)
    weigh()
    return true
  }
  /** The hub says that this is its newest: true if it fits what we have. */
  const confirm = (newest: Anchor): boolean => {
    const { received } = order
    if (received?.epoch !== newest.epoch) return false
    if (received.seq === newest.seq && received.id !== newest.id) return false
    if (received.seq >= newest.seq) deliver(order.flush())
    return true
  }

  const onMessages = (frame: MessagesFrame) => {
    if (!facts.joined) {
      if (request.open && early.length < bufferMessages) early.push(frame)
    } else if (frame.epoch !== order.tail?.epoch) {
      if (!epochs.isOld(frame.epoch)) rejoin()
    } else if (ingest(frame.messages, frame.head)) advance()
    else rejoin()
  }
  /** The hub could not go on from `from`: what lies between is lost to us. */
  const jump = (from: Anchor, frame: JoinedFrame): void => {
    for (const left of [from.epoch, delivered?.epoch])
      if (left !== undefined && left !== frame.start.epoch) epochs.leave(left)
    order.restart(frame.start)
    facts.restoring = needs.snapshot
    snapshots.want(needs.snapshot && !frame.snapshot)
    snapshots.done()
    delivery.push({ type: 'missed', missed: { after: from, through: frame.start } })
  }
  const begin = (frame: JoinedFrame): void => {
    order.restart(frame.start)
    delivered = frame.start
    if (frame.snapshot) return
    for (const need of needs) if (isUnserved(need, frame.start)) snapshots.want()
  }
  const onJoined = (frame: JoinedFrame) => {
    if (!request.open || facts.joined) return
    const { start } = frame
    const from = asked
    request.done()
    joinedAt = environment.now()
    facts.joined = true
    facts.wasLive = false
    facts.overdue = false
    error = undefined
    head = frame.head
    facts.behind = start.seq < head.seq
    epochs.confirm(start.epoch)
    if (from && (frame.gone || start.epoch !== from.epoch || start.seq !== from.seq)) jump(from, frame)
    else if (!order.tail) begin(frame)
    publish(true)
    if (frame.snapshot) delivery.snapshot(frame.snapshot, start)
    const waiting = early
    early = []
    if (!ingest(frame.messages, frame.head)) return rejoin()
    confirm(frame.head)
    for (const { epoch, messages, head: announced } of waiting)
      if (epoch === start.epoch && !ingest(messages, announced)) return rejoin()
    advance()
  }
  const onPage = (frame: PageFrame) => {
    if (!request.open || !facts.joined || !asked || !same(asked, frame.after)) return
    request.done()
    const before = order.received
    if (frame.gone || !ingest(frame.messages, frame.head)) return rejoin()
    if (!confirm(frame.head) && frame.head.epoch !== before?.epoch) return rejoin()
    if (order.received === before && facts.behind) request.pause(gapTimeout)
    advance()
  }
  const snapshotFailed = (failure: SynclineError): void => {
    errors$.next(failure)
    snapshots.failed(failure.retryAfter)
  }
  const onSnapshot = (frame: SnapshotFrame) => {
    if (!snapshots.open) return
    snapshots.done()
    if (frame.error) snapshotFailed(fromWireError(frame.error, name))
    else if (frame.position.epoch !== order.tail?.epoch) {
      if (!epochs.isOld(frame.position.epoch)) return rejoin()
    } else {
      snapshots.served()
      noteHead(frame.position)
      weigh()
      delivery.snapshot(frame, frame.position)
    }
    advance()
  }
  const onHeads = (frame: HeadsFrame) => {
    const newest = frame.heads.find(([channel]) => channel === name)?.[1]
    if (!newest || !facts.joined || epochs.isOld(newest.epoch)) return
    if (!confirm(newest)) return rejoin()
    const settled = epochs.confirm(newest.epoch)
    noteHead(newest)
    weigh()
    advance()
    if (settled) publish(true)
  }
  const onRefused = (frame: RefusedFrame): void => {
    leaveLog()
    error = fromWireError(frame.error, name)
    facts.refused = true
    if (error.retryAfter !== undefined) request.pause(patience(error.retryAfter))
    publish()
    errors$.next(error)
  }
  const onError = (frame: ErrorFrame): void => {
    const delay = patience(frame.error.retryAfter ?? gapTimeout)
    if (request.open) request.pause(delay)
    if (snapshots.open) snapshots.pause(delay)
  }
  const onFrame = (frame: HubFrame): void => {
    if (frame.type === 'messages') onMessages(frame)
    else if (frame.type === 'heads') onHeads(frame)
    else if (frame.type === 'joined') onJoined(frame)
    else if (frame.type === 'page') onPage(frame)
    else if (frame.type === 'snapshot') onSnapshot(frame)
    else if (frame.type === 'refused') onRefused(frame)
    else if (frame.type === 'error') onError(frame)
  }

  // The life of it

  /** The hub's side is gone; what was handed on stays where we go on from. */
  const leaveLog = (): void => {
    request.done()
    snapshots.done()
    lateness.done()
    facts.joined = facts.wasLive = facts.overdue = facts.behind = facts.refused = false
    early = []
    order.restart(order.tail)
  }
  const onLink = (next: HubLink | undefined): void => {
    link = next
    leaveLog()
    facts.linked = next !== undefined
    error = undefined
    advance()
  }
  const start = (): void => {
    facts.wanted = true
    subscriptions = [options.frames$.subscribe(onFrame), link$.subscribe(onLink)]
  }
  const stop = (): void => {
    for (const subscription of subscriptions) subscription.unsubscribe()
    subscriptions = []
    const known = facts.joined || request.open
    leaveLog()
    delivery.clear()
    order.restart(undefined)
    facts.wanted = facts.linked = facts.full = facts.restoring = false
    snapshots.want(false)
    head = delivered = error = asked = undefined
    if (known) link?.send({ type: 'leave', channel: name })
    link = undefined
    publish()
  }
  /** What was refused may be granted by now: whoever uses the channel anew asks again, unless the hub wants patience. */
  const useAgain = (): void => {
    if (facts.refused && request.free) {
      facts.refused = false
      error = undefined
    }
    advance()
  }
  const usage = createUsage(environment, linger, start, stop)
  const pendingSubscription = pending$.subscribe(() => publish())

  return {
    name,
    state$,
    errors$,
    get joined() {
      return facts.joined
    },
    report: (failure) => errors$.next(failure),
    occurrences$: new Observable((subscriber) => {
      const subscription = out$.subscribe(subscriber)
      const leave = usage.enter()
      useAgain()
      return () => {
        subscription.unsubscribe()
        leave()
      }
    }),
    need: ({ at, snapshot }) => {
      const loading = at instanceof Promise
      const need = { at: loading ? undefined : at, snapshot, loading }
      const withdraw = needs.add(need)
      const reconsider = (): void => {
        facts.loading = needs.loading
        advance()
      }
      const known = (found: Anchor | undefined): void => {
        need.at = found
        need.loading = false
        if (order.tail && needs.has(need) && isUnserved(need, order.tail)) snapshots.want()
      }
      if (loading)
        at.catch((cause) => {
          errors$.next(toSynclineError(cause, 'storage-failed'))
          return undefined
        }).then((found) => {
          known(found)
          reconsider()
        })
      else known(at)
      facts.loading = needs.loading
      return () => {
        withdraw()
        reconsider()
      }
    },
    refresh: () => {
      snapshots.want()
      useAgain()
    },
    hasPassed: (position) => epochs.hasPassed(position, delivered),
    close: () => {
      usage.end()
      pendingSubscription.unsubscribe()
      out$.complete()
      errors$.complete()
      state$.complete()
    },
  }
}
