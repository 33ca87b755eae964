import { SynclineError, toSynclineError } from '../errors/syncline-error.ts'
import { backoffDelay } from '../operators/backoff-delay.ts'
import { Emitter } from '../state/emitter.ts'
import type { OpenStorage } from '../storage/client-storage.ts'
import { createActions } from './actions.ts'
import { createHolds } from './holds.ts'
import { createIntake } from './intake.ts'
import { createKeyOrders } from './key-order.ts'
import type { Lane } from './lane.ts'
import { createLazyState } from './lazy-state.ts'
import { createLedger } from './ledger.ts'
import type { Forget } from './outbox.ts'
import type { OutboxContext, OutboxStage } from './outbox-context.ts'
import type { Partition } from './partition.ts'
import { createResults } from './results.ts'
import { Write } from './write.ts'

const DAY = 86_400_000

/** Joins the parts of the outbox: intake → keeper (its partitions' lanes) → link, and what comes back. */
export const createOutbox = (context: OutboxContext): OutboxStage => {
  const { link$, environment, options = {} } = context
  const errors$ = new Emitter<SynclineError>()
  const scheduled = new Set<Lane>()
  let opening: Promise<void> | undefined
  let closing: Promise<void> | undefined
  let storage: OpenStorage | undefined
  /** Why nothing can be stored for now. */
  let broken: SynclineError | undefined
  let failures = 0
  let cancel = (): void => {}

  const isClosed = (): boolean => closing !== undefined
  const fail = (error: SynclineError): void => errors$.next(error)
  const start = (): Promise<void> => {
    if (!closing) opening ??= attempt()
    return opening ?? Promise.resolve()
  }
  const onUse = (): void => void start()
  const run = (): void => {
    const lanes = [...scheduled]
    scheduled.clear()
    for (const lane of lanes) {
      lane.pump()
      keeper.tidy?.(lane.client)
    }
  }
  const load = (): void => {
    opening = attempt()
  }

  const { isHeld, hold, settled } = createHolds(
    () => keeper.partitions.values(),
    () => ledger.progress(),
  )
  const { results$, accepted } = createResults(context.parseResult, (error) => fail(toSynclineError(error)))
  const ledger = createLedger({ hasPassed: context.hasPassed, isHeld, onUse })
  const { pending$, parked$, pendingOn, waitingOn, find } = ledger
  const loaded$ = createLazyState(() => storage !== undefined, onUse)
  const keeper = context.keeper({
    ...context,
    ledger,
    isClosed,
    fail,
    opened: () => {
      broken = undefined
      failures = 0
      intake.flush()
    },
    reload: load,
    lanes: {
      ...context,
      window: options.window ?? 256,
      maxAge: options.maxAge ?? 7 * DAY,
      isHeld,
      keys: createKeyOrders(),
      fail,
      link: () => link$.get(),
      change: ledger.change,
      accepted,
      schedule: (lane) => {
        if (!scheduled.size) queueMicrotask(run)
        scheduled.add(lane)
      },
    },
  })
  const intake = createIntake({ ...context, keeper, ledger, isClosed, broken: () => broken })

  const attempt = async (): Promise<void> => {
    try {
      storage = await keeper.load()
      loaded$.touch()
    } catch (error) {
      const failure = toSynclineError(error, 'storage-failed')
      // Told once, however often it is tried again.
      if (!broken) fail(failure)
      broken = failure
      intake.flush()
      if (!closing) cancel = environment.setTimer(backoffDelay({}, ++failures, environment.random), load)
    }
  }
  const ready = async (): Promise<Partition> => {
    for (;;) {
      if (isClosed()) throw new SynclineError('closed')
      await start()
      if (keeper.own) return keeper.own
      if (broken) throw broken
    }
  }
  const actions = createActions({ ...context, keeper, ledger, intake, ready })

  const close = async (forget?: Forget): Promise<void> => {
    cancel()
    await opening
    try {
      await keeper.close(forget)
    } finally {
      ledger.end(keeper.durable, forget)
      errors$.complete()
      results$.complete()
    }
  }

  const subscriptions = [
    link$.subscribe((link) => {
      if (!link) return
      onUse()
      for (const partition of keeper.partitions.values()) for (const lane of partition.lanes()) lane.onLink()
      // What was sent goes again before any channel joins: then the hub knows what to say with a snapshot.
      run()
      if (storage) void keeper.adopt?.()
    }),
    context.frames$.subscribe((frame) =>
      keeper.partitions.get(frame.client)?.find(frame.channel)?.onFrame(frame),
    ),
  ]

  return {
    ...actions,
    loaded$,
    pending$,
    parked$,
    pendingOn,
    waitingOn,
    results$,
    errors$,
    start,
    progress: ledger.progress,
    add: (newWrite) => {
      onUse()
      return intake.add(newWrite)
    },
    receipt: find,
    takeFrom: async (other) => {
      const target = await ready()
      return keeper.takeFrom(other, async (records, mark) => {
        const taken = records.filter(({ id }) => !find(id))
        const writes = taken.map((record) => new Write(record))
        for (const write of writes) target.place(write)
        await keeper.commit(target.client, () => [
          ...writes.map((write) => write.toPut()),
          ...(mark ? taken.map(mark) : []),
        ])
        for (const write of writes) {
          ledger.enter(write)
          intake.stored(write)
        }
        ledger.sort()
        return writes.length
      })
    },
    hold: (channel) => {
      onUse()
      return hold(channel)
    },
    settled,
    close: (forget) => {
      for (const subscription of subscriptions) subscription.unsubscribe()
      closing ??= close(forget)
      return closing
    },
  }
}
