import { Subscription } from 'rxjs'
import { SynclineError, toSynclineError } from '../errors/syncline-error.ts'
import { direct } from '../state/direct.ts'
import { Emitter } from '../state/emitter.ts'
import type { OpenStorage } from '../storage/client-storage.ts'
import { createActions } from './actions.ts'
import { createHolds } from './holds.ts'
import { createIntake } from './intake.ts'
import { createKeyOrders } from './key-order.ts'
import type { Lane } from './lane.ts'
import { createLazyState } from './lazy-state.ts'
import { createLedger } from './ledger.ts'
import type { OutboxContext, OutboxStage } from './outbox-context.ts'
import type { Partition } from './partition.ts'
import { createResults } from './results.ts'
import { Write } from './write.ts'

const DAY = 86_400_000

/** Joins the parts of the outbox: intake → keeper (its partitions' lanes) → link, and what comes back. */
export const createOutbox = (context: OutboxContext): OutboxStage => {
  const { link$, options = {} } = context
  const errors$ = new Emitter<SynclineError>()
  const scheduled = new Set<Lane>()
  const subscriptions = new Subscription()
  let opening: Promise<void> | undefined
  let closing: Promise<void> | undefined
  let storage: OpenStorage | undefined
  let broken: SynclineError | undefined

  const isClosed = (): boolean => closing !== undefined
  const fail = (error: SynclineError): void => errors$.next(error)
  const start = (): Promise<void> => {
    if (!closing) opening ??= load()
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
  const opened = (error?: SynclineError): void => {
    broken = error
    if (error) fail(error)
    intake.flush()
  }

  const { isHeld, hold, settled } = createHolds(
    () => keeper.partitions.values(),
    () => ledger.progress(),
  )
  const { results$, accepted } = createResults(context.parseResult, (error) => fail(toSynclineError(error)))
  const ledger = createLedger({ hasPassed: context.passed.hasPassed, isHeld, onUse })
  const loaded$ = createLazyState(() => storage !== undefined, onUse)
  const keeper = context.keeper({
    ...context,
    ledger,
    isClosed,
    fail,
    opened,
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

  const load = async (): Promise<void> => {
    try {
      storage = await keeper.load()
      loaded$.touch()
    } catch (error) {
      opened(toSynclineError(error, 'storage-failed'))
    }
  }
  const ready = async (): Promise<Partition> => {
    if (isClosed()) throw new SynclineError('closed')
    await start()
    await keeper.claimed?.()
    if (keeper.own) return keeper.own
    throw broken
  }
  const actions = createActions({ ...context, keeper, ledger, intake, ready })

  const close = async (forget: boolean): Promise<void> => {
    await opening
    try {
      await keeper.close()
    } finally {
      ledger.end(keeper.durable, forget)
      errors$.complete()
      results$.complete()
    }
  }

  subscriptions.add(
    link$.subscribe((link) => {
      if (!link) return
      onUse()
      for (const partition of keeper.partitions.values()) for (const lane of partition.lanes()) lane.onLink()
      // What was sent goes again before any channel joins: then the hub knows what to say with a snapshot.
      run()
      if (storage) void keeper.adopt?.()
    }),
  )
  subscriptions.add(
    context.frames$.subscribe((frame) =>
      keeper.partitions.get(frame.client)?.find(frame.channel)?.onFrame(frame),
    ),
  )
  subscriptions.add(context.passed.progress$.subscribe(direct(ledger.progress)))

  return {
    ...actions,
    loaded$,
    pending$: ledger.pending$,
    parked$: ledger.parked$,
    pendingOn: ledger.pendingOn,
    waitingOn: ledger.waitingOn,
    results$,
    errors$,
    start,
    add: (newWrite) => {
      onUse()
      return intake.add(newWrite)
    },
    receipt: ledger.find,
    takeFrom: async (other) => {
      const target = await ready()
      return keeper.takeFrom(other, async (records, mark) => {
        const taken = records.filter(({ id }) => !ledger.find(id))
        if (!taken.length) return 0
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
    close: (forget = false) => {
      subscriptions.unsubscribe()
      closing ??= close(forget)
      return closing
    },
  }
}
