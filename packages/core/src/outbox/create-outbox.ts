import { type Observable, Subscription } from 'rxjs'
import type { OldWrite } from '../contract/channel-contract.ts'
import type { Environment } from '../environment/environment.ts'
import { SynclineError, toSynclineError } from '../errors/syncline-error.ts'
import type { HubFrame } from '../protocol/frames.ts'
import type { Effect } from '../protocol/position.ts'
import { Emitter } from '../state/emitter.ts'
import type { State } from '../state/state.ts'
import type { OpenStorage, StorageChange, StorageLock } from '../storage/client-storage.ts'
import type { HubLink } from '../transport/hub-link.ts'
import type { Lane, LaneContext } from './lane.ts'
import { createLazyState } from './lazy-state.ts'
import { createLedger } from './ledger.ts'
import type { NewWrite, Outbox, WriteResult } from './outbox.ts'
import { dumpPartition, loadPartition, type Partition } from './partition.ts'
import type { Receipt } from './receipt.ts'
import { CLIENTS, forgetClient, lockName, type WriteRecord, writeKey } from './records.ts'
import { claimClient } from './tab-lock.ts'
import { takeFrom } from './take-from.ts'
import { Write } from './write.ts'

/** Bounds of the outbox. */
export interface OutboxOptions {
  /** Writes not yet accepted, parked ones included; beyond it a write fails with `outbox-full`. Default 10,000. */
  readonly maxWrites?: number
  /** Bytes of their JSON. Default 20 MB. */
  readonly maxBytes?: number
  /** Milliseconds after which a write that was never sent is parked as `too-old`. Default 7 days. */
  readonly maxAge?: number
  /** Writes of a channel without an answer, at most; the hub may allow fewer. Default 256. */
  readonly window?: number
}

/** What the outbox is wired to. */
export interface OutboxContext {
  /** Called once, when the outbox is first used. `lock` is the one of `client`, see `claimClient`. */
  open(): Promise<{ readonly storage: OpenStorage; readonly client: string; readonly lock?: StorageLock }>
  /** Whether the storage is. If not, it is read at the start and written at `close` only. */
  readonly durable: boolean
  readonly environment: Environment
  /** The open session. */
  readonly link$: State<HubLink | undefined>
  /** What answers writes: `answers`, `back` and `unknown-stream`; others are left alone. */
  readonly frames$: Observable<HubFrame>
  readonly passed: {
    /** True when each effect on a joined channel was delivered; with none joined too. */
    hasPassed(effects: readonly Effect[]): boolean
    readonly progress$: Observable<unknown>
  }
  /** Parses a mutation's result by the contract; may throw or reject with `schema-violation`. */
  parseResult(channel: string, mutation: string, result: unknown): unknown
  upgrade(channel: string, write: OldWrite): Pick<OldWrite, 'name' | 'data'> | undefined
  contractVersion(channel: string): number | undefined
  readonly options?: OutboxOptions | undefined
}

/** The outbox as the wiring sees it. */
export interface OutboxStage extends Outbox {
  /** Storage that refuses, answers that do not fit. */
  readonly errors$: Observable<SynclineError>
  /**
   * Opens the storage and sends what is left of earlier pages. Any other use does that too. Resolves once
   * that was read, or could not be.
   */
  start(): Promise<void>
  /** Moves the unsent writes of another storage here, on purpose only; resolves with their number. */
  takeFrom(other: OpenStorage): Promise<number>
}

const DAY = 86_400_000
/** How often other tabs' parts are looked at, in milliseconds. */
const ADOPTION_INTERVAL = 30_000

const encode = (data: unknown): string => JSON.stringify(data) ?? 'null'

export const createOutbox = (context: OutboxContext): OutboxStage => {
  const { environment, durable, link$ } = context
  const { maxWrites = 10_000, maxBytes = 20_000_000, maxAge = 7 * DAY, window = 256 } = context.options ?? {}
  const errors$ = new Emitter<SynclineError>()
  const results$ = new Emitter<WriteResult>()
  const partitions = new Map<string, Partition>()
  const locks = new Map<string, StorageLock>()
  /** Clients whose lock another tab took while this page slept, with what this page still shows of them. */
  const lost = new Set<string>()
  const holds = new Map<string, number>()
  const retries = new Map<string, Promise<Receipt>>()
  const scheduled = new Set<Lane>()
  const subscriptions = new Subscription()
  let early: Write[] = []
  let storage: OpenStorage | undefined
  let own: Partition | undefined
  let opening: Promise<void> | undefined
  let adopting: Promise<void> | undefined
  let claiming: Promise<void> | undefined
  let closing: Promise<void> | undefined
  let broken: SynclineError | undefined
  let loaded = false
  let closed = false
  let cancelAdoption = (): void => {}

  const fail = (error: SynclineError): void => errors$.next(error)
  const failed = (error: unknown): void => fail(toSynclineError(error))
  const parseOutcome = ({ channel, name }: Write, result: unknown): unknown => {
    try {
      return context.parseResult(channel, name, result)
    } catch (error) {
      return Promise.reject(error)
    }
  }
  const tell = ({ channel, name, input, id }: Write, result: unknown): void =>
    results$.next({ channel, name, data: input, result, id })
  const isHeld = (channel: string): boolean => holds.has(channel)
  const start = (): Promise<void> => {
    if (!closed) opening ??= load()
    return opening ?? Promise.resolve()
  }
  const ledger = createLedger({ hasPassed: context.passed.hasPassed, isHeld, onUse: () => void start() })
  const loaded$ = createLazyState(
    () => loaded,
    () => void start(),
  )

  const run = (): void => {
    const lanes = [...scheduled]
    scheduled.clear()
    for (const lane of lanes) {
      lane.pump()
      tidy(lane.client)
    }
  }
  const laneContext: LaneContext = {
    environment,
    durable,
    window,
    maxAge,
    isHeld,
    fail,
    upgrade: context.upgrade,
    contractVersion: context.contractVersion,
    link: () => link$.get(),
    change: ledger.change,
    accepted: (write, result) => {
      if (write.kind !== 'mutate') return undefined
      const outcome = parseOutcome(write, result)
      if (outcome instanceof Promise) outcome.then((parsed) => tell(write, parsed), failed)
      else if (results$.observed) queueMicrotask(() => tell(write, outcome))
      return outcome
    },
    commit: (client, changes) => (durable ? commit(client, changes) : undefined),
    schedule: (lane) => {
      if (!scheduled.size) queueMicrotask(run)
      scheduled.add(lane)
    },
  }

  /** A commit under the client's lock; when that was lost, another tab has this part now. */
  const commit = async (client: string, changes: readonly StorageChange[]): Promise<void> => {
    const lock = locks.get(client)
    try {
      await storage!.commit(changes, lock)
    } catch (error) {
      if (lock?.lost) lose(client)
      throw error
    }
  }
  const commitOwn = async (changes: readonly StorageChange[]): Promise<void> => {
    if (durable) await commit(own!.client, changes)
  }

  // Loading

  const recall = (record: WriteRecord): Write => {
    const known = ledger.find(record.id)
    if (known && !known.removed) {
      if (record.parked) ledger.change(known, { type: 'parked', reason: known.reason, error: known.error })
      return known
    }
    const write = new Write(record)
    ledger.enter(write)
    return write
  }
  const admit = async (client: string, lock: StorageLock | undefined): Promise<Partition> => {
    if (lock) locks.set(client, lock)
    const partition = await loadPartition(laneContext, storage!, client, lock, recall)
    partitions.set(client, partition)
    lost.delete(client)
    ledger.sort()
    return partition
  }
  const load = async (): Promise<void> => {
    try {
      const opened = await context.open()
      storage = opened.storage
      own = await admit(opened.client, opened.lock)
      saveEarly()
      await adopt()
      loaded = true
      loaded$.touch()
    } catch (error) {
      broken = toSynclineError(error, 'storage-failed')
      fail(broken)
      saveEarly()
    }
  }

  // Other tabs' parts (rule 10)

  const adoptOrphans = async (): Promise<void> => {
    for (const [key] of await storage!.entries('meta', CLIENTS)) {
      const client = key.slice(CLIENTS.length)
      if (partitions.has(client) || locks.has(client) || closed) continue
      const lock = await storage!.lock(lockName(client))
      if (!lock) continue
      try {
        await admit(client, lock)
        tidy(client)
      } catch (error) {
        locks.delete(client)
        lock.release()
        throw error
      }
    }
    for (const client of lost) await follow(client)
  }
  const adopt = (): Promise<void> => {
    if (!durable || closed) return Promise.resolve()
    adopting ??= adoptOrphans()
      .catch((error: unknown) => fail(toSynclineError(error, 'storage-failed')))
      .then(() => {
        adopting = undefined
        cancelAdoption()
        if (!closed) cancelAdoption = environment.setTimer(ADOPTION_INTERVAL, () => void adopt())
      })
    return adopting
  }
  /** An adopted part with nothing left is forgotten, its client id for ever. */
  const tidy = (client: string): void => {
    const partition = partitions.get(client)
    if (!partition || partition === own || !own || closed || !partition.empty) return
    partitions.delete(client)
    void commit(client, forgetClient(client))
      .catch((error: unknown) => fail(toSynclineError(error, 'storage-failed')))
      .then(() => {
        locks.get(client)?.release()
        locks.delete(client)
      })
  }
  /** This page slept through its lease. It starts over under a new client id and leaves the rest to the other tab. */
  const lose = (client: string): void => {
    const partition = partitions.get(client)
    if (!partition) return
    for (const lane of partition.lanes()) lane.abandon()
    partitions.delete(client)
    locks.delete(client)
    lost.add(client)
    if (partition !== own) return
    own = undefined
    claiming = claimClient(storage!, environment)
      .then(async (claim) => {
        own = await admit(claim.client, claim.lock)
      })
      .catch((error: unknown) => {
        broken = toSynclineError(error, 'storage-failed')
        fail(broken)
      })
      .then(saveEarly)
  }
  /** What another tab made of the writes that it took over. What left the outbox there was committed or dropped. */
  const follow = async (client: string): Promise<void> => {
    const stored = new Map<string, WriteRecord>()
    for (const [, value] of await storage!.entries('outbox', `${client}/`)) {
      const record = value as WriteRecord
      stored.set(record.id, record)
    }
    let left = 0
    for (const write of [...ledger.writes()]) {
      if (write.client !== client || !lost.has(client)) continue
      left++
      if (stored.has(write.id)) continue
      ledger.change(write, { type: 'sent' })
      ledger.change(write, { type: 'accepted', effects: [] })
      ledger.change(write, { type: 'discarded' })
    }
    if (!left) lost.delete(client)
  }

  // Writes on their way in

  const onSaved = (write: Write): void => {
    ledger.change(write, { type: 'stored', durable })
    partitions.get(write.client)?.lane(write.channel).enqueue(write)
  }
  const save = (write: Write): void => {
    if (broken) ledger.change(write, { type: 'failed', error: broken })
    else if (!own) early.push(write)
    else {
      own.place(write)
      if (durable) saveDurably(write, own.client)
      else onSaved(write)
    }
  }
  const saveDurably = (write: Write, client: string): void => {
    commit(client, [write.toPut()]).then(
      () => onSaved(write),
      (error: unknown) => {
        if (partitions.has(client))
          ledger.change(write, { type: 'failed', error: toSynclineError(error, 'storage-failed') })
        else save(write)
      },
    )
  }
  const saveEarly = (): void => {
    const writes = early
    early = []
    for (const write of writes) save(write)
  }
  const refusal = (write: Write): SynclineError | undefined => {
    if (closed) return new SynclineError('closed')
    const full = ledger.count >= maxWrites || ledger.bytes + write.size > maxBytes
    return full ? new SynclineError('outbox-full', { channel: write.channel }) : undefined
  }
  const createWrite = ({ channel, kind, name, key, contractVersion }: NewWrite, json: string): Write =>
    new Write({
      id: environment.id(),
      channel,
      kind,
      name,
      json,
      version: contractVersion,
      createdAt: environment.now(),
      ...(key !== undefined && { key }),
    })
  const add = (newWrite: NewWrite): Receipt => {
    void start()
    let write: Write
    let error: SynclineError | undefined
    try {
      write = createWrite(newWrite, encode(newWrite.data))
      error = refusal(write)
    } catch (cause) {
      // Not JSON: a cycle or a bigint.
      write = createWrite(newWrite, 'null')
      error = toSynclineError(cause, 'schema-violation')
    }
    if (error) write.apply({ type: 'failed', error })
    else {
      ledger.enter(write)
      save(write)
    }
    return write
  }

  // What the app does with them

  const ready = async (): Promise<void> => {
    if (closed) throw new SynclineError('closed')
    void start()
    await opening
    await claiming
    if (broken) throw broken
  }
  const laneOf = (write: Write): Lane => {
    const lane = partitions.get(write.client)?.find(write.channel)
    if (lane) return lane
    throw new SynclineError('storage-failed', { detail: 'Another tab looks after this write now.' })
  }

  const retry = async (id: string, edited?: { readonly input: unknown }): Promise<Receipt> => {
    await ready()
    const old = ledger.find(id)
    if (old?.status.at !== 'parked')
      throw new SynclineError('discarded', { detail: `No write ${id} is parked.` })
    const { channel } = old
    const from = laneOf(old)
    const target = own!
    const version = (edited && context.contractVersion(channel)) ?? old.version
    const write = createWrite(
      { ...old, data: undefined, contractVersion: version },
      edited ? encode(edited.input) : old.json,
    )
    ledger.enter(write)
    target.place(write)
    const changes: StorageChange[] = [
      write.toPut(),
      { op: 'delete', table: 'outbox', key: writeKey(old.client, old.order) },
    ]
    // What waited behind the parked write goes behind its successor.
    const followers = from.detach(old.key)
    const places = followers.map(({ client, order }) => ({ client, order }))
    for (const follower of followers) {
      changes.push({ op: 'delete', table: 'outbox', key: writeKey(follower.client, follower.order) })
      target.place(follower)
      changes.push(follower.toPut())
    }
    try {
      await commitOwn(changes)
    } catch (error) {
      for (const [index, follower] of followers.entries()) Object.assign(follower, places[index])
      from.reattach(followers)
      ledger.change(write, { type: 'failed', error: toSynclineError(error, 'storage-failed') })
      throw error
    }
    from.forget(old)
    ledger.change(old, { type: 'discarded' })
    ledger.change(write, { type: 'stored', durable })
    const lane = target.lane(channel)
    // What came with the same key while this was stored is younger.
    const younger = lane.detach(old.key)
    for (const each of [write, ...followers, ...younger]) {
      if (each.removed) continue
      ledger.moveToEnd(each)
      lane.enqueue(each)
    }
    return write
  }
  const discard = async (id: string): Promise<void> => {
    await ready()
    const write = ledger.find(id)
    if (!write) return
    await write.saved.catch(() => {})
    if (!['queued', 'sent', 'parked'].includes(write.status.at)) return
    await laneOf(write).discard(write)
    if (write.voided) await write.result.catch(() => {})
  }
  const exportAll = async (): Promise<string> => {
    await ready()
    const writes = [...ledger.writes()].map(
      ({ id, channel, kind, name, input, key, createdAt, version, status }) => ({
        id,
        channel,
        kind,
        name,
        input,
        key,
        createdAt,
        contractVersion: version,
        status: status.at,
        ...(status.at === 'parked' && {
          reason: status.reason,
          error: status.error.code,
          detail: status.error.detail,
        }),
      }),
    )
    return JSON.stringify({ version: 1, exportedAt: environment.now(), writes })
  }
  const take = async (records: readonly WriteRecord[], marks: readonly StorageChange[]): Promise<void> => {
    const writes = records.map((record) => new Write(record))
    for (const write of writes) own!.place(write)
    await commitOwn([...writes.map((write) => write.toPut()), ...marks])
    for (const write of writes) {
      ledger.enter(write)
      onSaved(write)
    }
    ledger.sort()
  }

  // The end

  const close = async (): Promise<void> => {
    await opening
    await adopting
    await claiming
    const lanes = [...partitions.values()].flatMap((partition) => [...partition.lanes()])
    await Promise.all(lanes.map((lane) => lane.close()))
    cancelAdoption()
    if (storage && !broken) {
      const dump = durable
        ? []
        : [...partitions.values()].flatMap((partition) => dumpPartition(partition, ledger.writes()))
      // Resolves after all commits that are still on their way.
      await storage.commit(dump)
    }
    for (const lock of locks.values()) lock.release()
    errors$.complete()
    results$.complete()
  }

  subscriptions.add(
    link$.subscribe((link) => {
      if (!link) return
      void start()
      for (const partition of partitions.values()) for (const lane of partition.lanes()) lane.onLink()
      // What was sent goes again before any channel joins: then the hub knows what to say with a snapshot.
      run()
      if (loaded) void adopt()
    }),
  )
  subscriptions.add(
    context.frames$.subscribe((frame) => {
      if (frame.type === 'answers' || frame.type === 'back' || frame.type === 'unknown-stream')
        partitions.get(frame.client)?.find(frame.channel)?.onFrame(frame)
    }),
  )
  subscriptions.add(context.passed.progress$.subscribe(ledger.progress))

  return {
    loaded$,
    pending$: ledger.pending$,
    parked$: ledger.parked$,
    pendingOn: ledger.pendingOn,
    results$,
    errors$,
    start,
    add,
    receipt: ledger.find,
    retry: (id, edited) => {
      const running = retries.get(id) ?? retry(id, edited).finally(() => retries.delete(id))
      retries.set(id, running)
      return running
    },
    discard,
    export: exportAll,
    takeFrom: async (other) => {
      await ready()
      return takeFrom({ storage: storage!, knows: (id) => ledger.find(id) !== undefined, take }, other)
    },
    hold: (channel) => {
      void start()
      holds.set(channel, (holds.get(channel) ?? 0) + 1)
      let released = false
      return () => {
        if (released) return
        released = true
        const left = holds.get(channel)! - 1
        if (left) return void holds.set(channel, left)
        holds.delete(channel)
        for (const partition of partitions.values()) partition.find(channel)?.settle(() => true)
      }
    },
    settled: (channel, position) => {
      const includes = ({ effects }: Write): boolean =>
        effects.every(
          (effect) =>
            effect.channel !== channel ||
            effect.position.epoch !== position.epoch ||
            effect.position.seq <= position.seq,
        )
      for (const partition of partitions.values()) partition.find(channel)?.settle(includes)
    },
    close: () => {
      closed = true
      subscriptions.unsubscribe()
      closing ??= close()
      return closing
    },
  }
}
