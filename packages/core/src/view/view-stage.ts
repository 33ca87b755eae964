import { Observable, type Subscription } from 'rxjs'
import type { Batch, ChannelOccurrence, ChannelState, Missed, Snapshot } from '../channel/channel.ts'
import { SynclineError, toSynclineError } from '../errors/syncline-error.ts'
import { backoffDelay } from '../operators/backoff-delay.ts'
import { createRecent } from '../operators/recent.ts'
import type { PendingWrite } from '../outbox/outbox.ts'
import type { Anchor, Position } from '../protocol/position.ts'
import { createState, type State } from '../state/state.ts'
import { type Base, contradicts, type FoldHandlers, foldBatch, isForeign, isHole } from './fold.ts'
import { createOverlays, type OptimisticHandlers } from './overlays.ts'
import { readView, storedViewKey, type UpgradeView, writeView } from './stored-view.ts'
import type { View, ViewStatus } from './view.ts'
import type { ViewSource } from './view-source.ts'

export interface ViewStageOptions extends ViewSource {
  /** The view's name among those of its channel. */
  readonly name: string
  /** The contract's version. */
  readonly version: number
  /** The contract has a snapshot. */
  readonly snapshot: boolean
  readonly initial: (snapshot: unknown) => unknown
  readonly on: FoldHandlers
  readonly optimistic: OptimisticHandlers
  readonly persist: boolean
  readonly upgrade: UpgradeView | undefined
  /** How long the view stays up to date after its last use, in milliseconds. Default 5,000. */
  readonly linger?: number
}

/** A stored view is at most so much older than what was shown, in milliseconds. */
const persistDelay = 250
/** Failures further apart than this are not one series, in milliseconds. */
const calm = 60_000

/** A view over a channel's log: folds what happened, lays pending writes over it, stores it. */
export const createViewStage = <S>(options: ViewStageOptions): View<S> => {
  const { log, environment, snapshot: fromSnapshot } = options
  const key = storedViewKey(log.name, options.name)

  const value$ = createState<unknown>(undefined)
  const confirmed$ = createState<unknown>(undefined)
  const status$ = createState<ViewStatus>({
    at: 'loading',
    stale: false,
    position: undefined,
    error: undefined,
  })
  const overlays = createOverlays(options.optimistic, options.report)
  /** Writes whose messages are in the state: our own that are pending, and recent ones whose owner is not known yet. */
  const ours = new Set<string>()
  const recent = createRecent<string>()

  let base: Base | undefined
  /** The base is `initial` itself: nothing was folded yet. */
  let fresh = false
  let stale = false
  /** The next snapshot counts, whatever its position. */
  let reset = false
  let error: SynclineError | undefined
  let pending: readonly PendingWrite[] = []
  let pendingIds: ReadonlySet<string> | undefined
  let users = 0
  let loading = false
  let unsaved = false
  let closed = false
  let subscriptions: Subscription[] = []
  let withdraw: (() => void) | undefined
  let letGo: (() => void) | undefined
  let cancelStop: (() => void) | undefined
  let cancelSave: (() => void) | undefined
  let cancelRefresh: (() => void) | undefined
  let failures = 0
  let failedAt = 0

  // Overlays

  const passed = (position: Position): boolean =>
    position.epoch === base?.position.epoch
      ? base.position.seq >= position.seq
      : log.state$.get().position?.epoch === base?.position.epoch && log.hasPassed(position)
  const isOver = ({ id, effects }: PendingWrite): boolean =>
    ours.has(id) ||
    (effects?.every(({ channel, position }) => channel !== log.name || passed(position)) ?? false)
  const onWrite = (id: string): void => {
    pendingIds ??= new Set(pending.map((write) => write.id))
    if (pendingIds.has(id)) ours.add(id)
    else recent.add(id)
  }
  /** The list as it is now, not as it was last told of: an answer and a message may come in one turn. */
  const lookAtPending = (): void => {
    const writes = options.pending$.get()
    if (writes === pending) return
    pending = writes
    pendingIds = undefined
    for (const { id } of writes) if (recent.has(id)) ours.add(id)
    if (ours.size > 0 && options.loaded$.get()) {
      const still = new Set(writes.map(({ id }) => id))
      for (const id of ours) if (!still.has(id)) ours.delete(id)
    }
  }

  // What is shown: everything of one occurrence at once

  const show = (): void => {
    lookAtPending()
    const state = base?.state
    const value =
      base &&
      overlays(
        state,
        pending.filter((write) => !isOver(write)),
      )
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
      fail(
        new SynclineError('fold-failed', { channel: log.name, detail: `initial: ${String(cause)}.`, cause }),
      )
      return false
    }
    stale = reset = false
    error = undefined
    changed()
    return true
  }
  /** The state is not what it should be: says so and asks for another, later and later if that does not help. */
  const fail = (failure: SynclineError | undefined): void => {
    stale = true
    if (failure) {
      error = failure
      options.report(failure)
    }
    if (!fromSnapshot || cancelRefresh) return
    if (environment.now() - failedAt > calm) failures = 0
    failedAt = environment.now()
    const delay = failures === 0 ? 0 : backoffDelay({}, failures, environment.random)
    failures++
    cancelRefresh = environment.setTimer(delay, () => {
      cancelRefresh = undefined
      log.refresh()
    })
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
  const onBatch = (batch: Batch) => {
    if (!base || reset) return
    if (isHole(base.position, batch)) {
      if (fromSnapshot) {
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
    if (batch.position.seq <= base.position.seq) return
    const folded = foldBatch(base, batch, options.on, onWrite)
    base = folded.base
    fresh = false
    changed()
    if (folded.failure) fail(folded.failure)
    for (const invalid of batch.invalid) {
      error = invalid
      fail(undefined)
    }
  }
  const onSnapshot = ({ state, position, writes }: Snapshot): void => {
    if (!fromSnapshot) return
    const older = base && !reset && base.position.epoch === position.epoch && position.seq < base.position.seq
    if (!older) {
      if (start(state, position)) for (const id of writes) onWrite(id)
    } else if (stale) fail(undefined)
  }
  const onMissed = ({ after, through }: Missed): void => {
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

  // Storage

  const changed = (): void => {
    if (!options.persist) return
    unsaved = true
    cancelSave ??= environment.setTimer(persistDelay, () => void save())
  }
  const save = async (): Promise<void> => {
    cancelSave?.()
    cancelSave = undefined
    if (!unsaved || !base || (stale && fromSnapshot) || !options.loaded$.get()) return
    unsaved = false
    const { state, position } = base
    const seen = pending.filter(({ id }) => ours.has(id) || recent.has(id)).map(({ id }) => id)
    try {
      const storage = await options.storage()
      if (!storage) return
      await writeView(storage, key, { state, position, version: options.version, seen, stale })
      options.settled(position)
    } catch (cause) {
      options.report(toSynclineError(cause, 'storage-failed'))
    }
  }
  const load = async (): Promise<Anchor | undefined> => {
    loading = true
    try {
      const storage = await options.storage()
      const stored = storage && (await readView(storage, key, options.version, options.upgrade))
      if (stored && !base && !closed) {
        base = stored
        stale = stored.stale
        for (const id of stored.seen) ours.add(id)
        options.settled(stored.position)
      }
    } catch (cause) {
      options.report(toSynclineError(cause, 'storage-failed'))
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
          if (signal === 'hidden') void save()
        }),
        options.loaded$.subscribe(() => unsaved && changed()),
      )
    }
    withdraw = log.need({
      at: base ? base.position : options.persist ? load() : undefined,
      snapshot: fromSnapshot,
    })
    subscriptions.push(
      log.occurrences$.subscribe(onOccurrence),
      log.state$.subscribe(onLogState),
      options.pending$.subscribe(show),
    )
  }
  const stop = (): void => {
    cancelStop = undefined
    for (const subscription of subscriptions) subscription.unsubscribe()
    subscriptions = []
    cancelRefresh?.()
    cancelRefresh = undefined
    withdraw?.()
    withdraw = undefined
    const release = letGo
    letGo = undefined
    void save().then(release)
  }
  const release = (): void => {
    users--
    // Without a snapshot nothing could tell later what was missed meanwhile: such a view ends with close().
    if (users > 0 || closed || !fromSnapshot) return
    cancelStop = environment.setTimer(options.linger ?? 5_000, stop)
  }
  const shared = <T>(state: State<unknown>): State<T> => {
    const observable = new Observable<T>((subscriber) => {
      const subscription = (state as State<T>).subscribe(subscriber)
      users++
      cancelStop?.()
      cancelStop = undefined
      if (subscriptions.length === 0 && !closed) run()
      return () => {
        subscription.unsubscribe()
        release()
      }
    })
    return Object.assign(observable, { get: () => state.get() as T })
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
    close: () => {
      if (closed) return
      closed = true
      cancelStop?.()
      stop()
      for (const state of [value$, confirmed$, status$]) state.complete()
    },
  })
}
