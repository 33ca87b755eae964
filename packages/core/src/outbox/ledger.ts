import { SynclineError } from '../errors/syncline-error.ts'
import type { Effect } from '../protocol/position.ts'
import type { State } from '../state/state.ts'
import type { HubLink } from '../transport/hub-link.ts'
import { createLazyState, type LazyState } from './lazy-state.ts'
import type { Forget, PendingWrite } from './outbox.ts'
import type { ParkedWrite, Receipt } from './receipt.ts'
import { type NextStatus, nextStatus } from './receipt-state.ts'
import type { Write } from './write.ts'

/** Receipts of finished writes that `receipt(id)` still finds: at least so many, at most twice. */
const REMEMBERED = 256

/** What the ledger asks of the rest. */
export interface LedgerContext {
  hasPassed(effects: readonly Effect[], acceptedIn: HubLink | undefined): boolean
  /** Whether a persisted view of the channel is there. */
  isHeld(channel: string): boolean
  onUse(): void
}

/** All writes of the outbox, by id and in order, and what can be seen of them. */
export interface Ledger {
  readonly pending$: State<readonly Receipt[]>
  readonly parked$: State<readonly ParkedWrite[]>
  pendingOn(channel: string): State<readonly PendingWrite[]>
  waitingOn(channel: string): State<number>
  find(id: string): Write | undefined
  /** Writes that are not over, in order. */
  writes(): Iterable<Write>
  /** Writes not yet accepted, and their bytes. */
  readonly count: number
  readonly bytes: number
  enter(write: Write): void
  /** Puts a write last. */
  moveToEnd(write: Write): void
  /** Sorts by age, after writes of another client joined. */
  sort(): void
  change(write: Write, next: NextStatus): void
  /** Looks again at which effects were delivered. */
  progress(): void
  /**
   * The outbox is closed: nothing more becomes of its writes here. `durable`: those that it holds stay stored.
   * `forget`: they are not shown any more.
   */
  end(durable: boolean, forget?: Forget): void
}

/** What is kept of a channel: its lists are made only while somebody looks. */
interface ChannelWrites {
  /** Writes not yet accepted. */
  waiting: number
  pending$?: LazyState<readonly PendingWrite[]>
  waiting$?: LazyState<number>
}

const isPending = ({ status }: Write): boolean =>
  status.at === 'saving' || status.at === 'queued' || status.at === 'sent'

export const createLedger = (context: LedgerContext): Ledger => {
  let live = new Map<string, Write>()
  /** Two halves, the older of which goes as a whole: the first of a map that is always deleted from is slow to find. */
  let finished = new Map<string, Write>()
  let older = finished
  const awaiting = new Set<Write>()
  const channels = new Map<string, ChannelWrites>()
  let stored = 0
  let bytes = 0

  const select = (keep: (write: Write) => boolean): Write[] => {
    const found: Write[] = []
    for (const write of live.values()) if (keep(write)) found.push(write)
    return found
  }
  const pending$ = createLazyState<readonly Receipt[]>(() => select(isPending), context.onUse)
  const parked$ = createLazyState<readonly ParkedWrite[]>(
    () => select(({ status }) => status.at === 'parked'),
    context.onUse,
  )
  const overlaid = (channel: string): readonly PendingWrite[] =>
    select((write) => write.channel === channel && (isPending(write) || write.status.at === 'accepted')).map(
      ({ pending }) => pending,
    )
  const writesOn = (channel: string): ChannelWrites => {
    let writes = channels.get(channel)
    if (!writes) {
      writes = { waiting: 0 }
      channels.set(channel, writes)
    }
    return writes
  }
  const touch = (writes: ChannelWrites): void => {
    pending$.touch()
    writes.pending$?.touch()
    writes.waiting$?.touch()
  }
  const tellAll = (): void => {
    parked$.touch()
    for (const writes of channels.values()) touch(writes)
  }
  /** Counts the write in, or out again with -1, as it stands. */
  const count = (write: Write, writes: ChannelWrites, sign: number): void => {
    const { at } = write.status
    if (at === 'parked') parked$.touch()
    else if (!isPending(write)) return
    else writes.waiting += sign
    stored += sign
    bytes += sign * write.size
  }
  const finish = (write: Write): void => {
    live.delete(write.id)
    awaiting.delete(write)
    finished.set(write.id, write)
    if (finished.size < REMEMBERED) return
    older = finished
    finished = new Map()
  }
  /** An accepted write is applied once its effects were delivered: true if they were. */
  const pass = (write: Write): boolean => {
    const { status } = write
    if (status.at !== 'accepted') return false
    // Right after a reload nothing is joined yet, which must not look as if it had been delivered.
    if (write.restored && !context.isHeld(write.channel)) return false
    write.restored = false
    if (!context.hasPassed(status.effects, write.acceptedIn)) return false
    change(write, { at: 'applied', effects: status.effects })
    return true
  }

  const change = (write: Write, next: NextStatus): void => {
    const status = nextStatus(write.status, next)
    if (status === write.status) return
    const writes = writesOn(write.channel)
    const { at } = status
    count(write, writes, -1)
    write.become(status)
    count(write, writes, 1)
    if (at === 'accepted') {
      if (pass(write)) return
      awaiting.add(write)
    }
    if (at === 'applied' || at === 'discarded' || at === 'failed') finish(write)
    touch(writes)
  }
  const enter = (write: Write): void => {
    const writes = writesOn(write.channel)
    live.set(write.id, write)
    count(write, writes, 1)
    if (write.status.at === 'accepted') awaiting.add(write)
    touch(writes)
  }
  const find = (id: string): Write | undefined => live.get(id) ?? finished.get(id) ?? older.get(id)

  return {
    pending$,
    parked$,
    pendingOn: (channel) => {
      const writes = writesOn(channel)
      writes.pending$ ??= createLazyState(() => overlaid(channel))
      return writes.pending$
    },
    waitingOn: (channel) => {
      const writes = writesOn(channel)
      writes.waiting$ ??= createLazyState(() => writes.waiting)
      return writes.waiting$
    },
    find,
    writes: () => live.values(),
    get count() {
      return stored
    },
    get bytes() {
      return bytes
    },
    enter,
    moveToEnd: (write) => {
      live.delete(write.id)
      live.set(write.id, write)
      touch(writesOn(write.channel))
    },
    sort: () => {
      live = new Map(
        [...live].sort(([, a], [, b]) =>
          a.client === b.client ? a.order - b.order : a.createdAt - b.createdAt,
        ),
      )
      tellAll()
    },
    change,
    progress: () => {
      for (const write of awaiting) pass(write)
    },
    end: (durable, forget) => {
      const closed = new SynclineError('closed')
      const kept = durable ? new SynclineError('closed', { detail: 'It stays stored.' }) : closed
      for (const write of live.values()) write.end(write.status.at === 'saving' ? closed : kept)
      if (!forget) return
      live.clear()
      finished.clear()
      older.clear()
      for (const writes of channels.values()) writes.waiting = 0
      tellAll()
    },
  }
}
