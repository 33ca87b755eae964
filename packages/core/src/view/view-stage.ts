import { Observable, type Subscriber, type Subscription } from 'rxjs'
import type { Batch, ChannelOccurrence, ChannelState, Missed, Snapshot } from '../channel/channel.ts'
import { SynclineError } from '../errors/syncline-error.ts'
import type { PendingWrite } from '../outbox/outbox.ts'
import type { Anchor, Position } from '../protocol/position.ts'
import { createState, type State } from '../state/state.ts'
import { createUsage } from '../state/usage.ts'
import {
  type Base,
  contradicts,
  type FoldHandlers,
  foldBatch,
  foldFailed,
  isForeign,
  isHole,
} from './fold.ts'
import { createOverlays, type OptimisticHandlers } from './overlays.ts'
import { createOwnWrites } from './own-writes.ts'
import { createRefresher } from './refresher.ts'
import type { View, ViewStatus } from './view.ts'
import { createViewKeeper, type ViewKeeperOptions } from './view-keeper.ts'
import type { ViewSource } from './view-source.ts'

export interface ViewStageOptions extends ViewSource, ViewKeeperOptions {
  /** The contract has a snapshot. */
  readonly snapshot: boolean
  readonly initial: (snapshot: unknown) => unknown
  readonly on: FoldHandlers
  readonly optimistic: OptimisticHandlers
  /** How long the view stays up to date after its last use, in milliseconds. Default 5,000. */
  readonly linger?: number
}

/** Batches that wait for a snapshot at most; with more of them another snapshot is asked for. */
const heldBatches = 1_000

const loadingStatus: ViewStatus = { at: 'loading', stale: false, position: undefined, error: undefined }

/** A view over a channel's log: folds what happened, lays pending writes over it, stores it. */
export const createViewStage = <S>(options: ViewStageOptions): View<S> => {
  const { log, environment, snapshot: fromSnapshot } = options

  const value$ = createState<unknown>(undefined)
  const confirmed$ = createState<unknown>(undefined)
  const status$ = createState<ViewStatus>(loadingStatus)
  const overlays = createOverlays(options.optimistic, options.report)
  let writes = createOwnWrites(options)
  const refresher = createRefresher(environment, () => log.refresh())

  let base: Base | undefined
  /** The base is `initial` itself: nothing was folded yet. */
  let fresh = false
  let stale = false
  /** The next snapshot counts, whatever its position. */
  let reset = false
  /** What was delivered while a snapshot was on its way, which may be older. */
  let held: Batch[] = []
  let error: SynclineError | undefined
  let loading = false
  let closed = false
  let subscriptions: Subscription[] = []
  let withdraw = (): void => {}
  let letGo: (() => void) | undefined

  const keeper = createViewKeeper(options, (outbox) => {
    if (!base || (stale && fromSnapshot)) return undefined
    return { ...base, version: options.version, seen: writes.seen(outbox), stale }
  })

  const passed = (position: Position, { acceptedIn }: PendingWrite): boolean => {
    // The base may be another log's still than that of which the session speaks.
    if (acceptedIn && !log.session) return false
    return position.epoch === base?.position.epoch
      ? base.position.seq >= position.seq
      : log.state$.get().position?.epoch === base?.position.epoch && log.hasPassed(position)
  }

  // What is shown: everything of one occurrence at once

  const show = (): void => {
    const over = writes.overlaid(passed)
    const state = base?.state
    const value = base && overlays(state, over)
    const refused = log.state$.get()
    const shownError = error ?? (refused.phase === 'refused' ? refused.error : undefined)
    const last = status$.get()
    confirmed$.set(state)
    value$.set(value)
    const at = base ? 'ready' : 'loading'
    if (
      at !== last.at ||
      stale !== last.stale ||
      base?.position !== last.position ||
      shownError !== last.error
    )
      status$.set({ at, stale, position: base?.position, error: shownError })
  }

  // The state

  const start = (state: unknown, position: Anchor): boolean => {
    try {
      base = { state: options.initial(state), position }
    } catch (cause) {
      fail(foldFailed(log.name, 'initial', cause))
      return false
    }
    // What was in a state of another log need not be in this one.
    if (reset) writes = createOwnWrites(options)
    stale = reset = false
    error = undefined
    keeper.changed()
    return true
  }
  /** The state is not what it should be: says so and asks for another, later and later if that does not help. */
  const fail = (failure: SynclineError | undefined): void => {
    stale = true
    if (failure) {
      error = failure
      options.report(failure)
    }
    if (fromSnapshot) refresher.ask()
  }
  const lost = (position: Anchor): void => {
    if (base) base = { state: base.state, position }
    fail(new SynclineError('history-gone', { channel: log.name }))
  }
  /** The state is of a log that the hub does not have: a restored backup, say. */
  const disown = () => {
    reset = true
    fail(undefined)
  }
  const hold = (batch: Batch): void => {
    if (held.length >= heldBatches) held = []
    held.push(batch)
  }
  const onBatch = (batch: Batch) => {
    if (!base || reset) {
      if (fromSnapshot) hold(batch)
      return
    }
    if (isHole(base.position, batch)) {
      if (fromSnapshot) {
        hold(batch)
        reset = base.position.epoch !== batch.position.epoch
        fail(undefined)
        return
      }
      const seq = batch.position.seq - batch.messages.length - batch.invalid.length
      const before = { epoch: batch.position.epoch, seq, id: '' }
      if (fresh) base = { state: base.state, position: before }
      else lost(before)
    }
    if (contradicts(base.position, batch)) return disown()
    // Those within a snapshot, which need not name them, are in the state too.
    for (const { writeId } of batch.messages) if (writeId !== undefined) writes.arrived(writeId)
    if (batch.position.seq <= base.position.seq) return
    const folded = foldBatch(base, batch, options.on)
    base = folded.base
    fresh = false
    keeper.changed()
    if (folded.failure) fail(folded.failure)
    for (const invalid of batch.invalid) {
      error = invalid
      fail(undefined)
    }
  }
  /** What was delivered beyond the snapshot follows it; if not all of it is there, another one is asked for. */
  const goOn = ({ epoch }: Anchor): void => {
    const waiting = held
    held = []
    for (const batch of waiting) if (batch.position.epoch === epoch) onBatch(batch)
    const seq = (base?.position.seq ?? 0) + 1
    if (!stale && log.hasPassed({ epoch, seq })) fail(undefined)
  }
  const onSnapshot = ({ state, position, writes: included }: Snapshot): void => {
    if (!fromSnapshot) return
    const older = base && !reset && base.position.epoch === position.epoch && position.seq < base.position.seq
    if (!older) {
      if (!start(state, position)) return
      for (const id of included) writes.arrived(id)
      goOn(position)
    } else if (stale) fail(undefined)
  }
  const onMissed = ({ after, through }: Missed): void => {
    held = []
    if (!base) return
    const beyond =
      base.position.epoch === through.epoch &&
      base.position.seq >= through.seq &&
      (after?.seq ?? 0) < through.seq
    if (beyond && after?.epoch === through.epoch) return
    if (!fromSnapshot) {
      lost(through)
      return
    }
    stale = reset = true
  }
  const onOccurrence = (occurrence: ChannelOccurrence): void => {
    if (occurrence.type === 'batch') onBatch(occurrence.batch)
    else if (occurrence.type === 'snapshot') onSnapshot(occurrence.snapshot)
    else onMissed(occurrence.missed)
    show()
  }
  /** A channel without a snapshot starts from nothing, where it is joined. */
  const begin = ({ position }: Pick<ChannelState, 'position'>): void => {
    if (base || loading || fromSnapshot || !position) return
    fresh = start(undefined, position)
  }
  const onLogState = (state: ChannelState): void => {
    begin(state)
    if (base && !reset && isForeign(base.position, state)) disown()
    show()
  }

  const load = async (): Promise<Anchor | undefined> => {
    loading = true
    const stored = await keeper.load()
    if (stored && !base && !closed) {
      base = stored
      stale = stored.stale === true
      for (const id of stored.seen) writes.arrived(id)
      options.settled(stored.position)
    }
    loading = false
    if (!closed) onLogState(log.state$.get())
    return base?.position
  }

  // Its life

  const run = (): void => {
    if (options.persist) {
      letGo = options.hold()
      subscriptions.push(
        environment.signals$.subscribe((signal) => {
          if (signal === 'hidden') void keeper.save()
        }),
        options.loaded$.subscribe(keeper.loaded),
      )
    }
    withdraw = log.need({
      at: base ? base.position : options.persist ? load() : undefined,
      snapshot: fromSnapshot,
    })
    subscriptions.push(
      log.occurrences$.subscribe(onOccurrence),
      log.state$.subscribe({ next: onLogState, complete: close }),
      options.pending$.subscribe(show),
    )
  }
  const stop = (): void => {
    for (const subscription of subscriptions) subscription.unsubscribe()
    subscriptions = []
    held = []
    refresher.cancel()
    withdraw()
    const release = letGo
    letGo = undefined
    void keeper.save().then(release)
  }
  // Without a snapshot nothing could tell later what was missed meanwhile: such a view ends with close().
  const linger = fromSnapshot ? (options.linger ?? 5_000) : Infinity
  const usage = createUsage(environment, linger, run, stop)
  const close = (): void => {
    forget()
    if (closed) return
    closed = true
    usage.end()
    for (const state of [value$, confirmed$, status$]) state.complete()
  }
  const forget = (): void => {
    if (!base || !options.signedOut()) return
    base = undefined
    value$.set(undefined)
    confirmed$.set(undefined)
    status$.set(loadingStatus)
    close()
  }
  const shared = <T>(state: State<unknown>): State<T> => {
    const observable = new Observable<T>((subscriber) => {
      forget()
      // It unsubscribes with its subscriber.
      state.subscribe(subscriber as Subscriber<unknown>)
      return closed ? undefined : usage.enter()
    })
    const get = (): T => {
      forget()
      return state.get() as T
    }
    return Object.assign(observable, { get })
  }

  return Object.assign(shared<S | undefined>(value$), {
    channel: log.name,
    status$: shared<ViewStatus>(status$),
    confirmed$: shared<S | undefined>(confirmed$),
    refresh: () => {
      if (fromSnapshot) log.refresh()
      else if (base) start(undefined, base.position)
      show()
    },
    close,
  })
}
