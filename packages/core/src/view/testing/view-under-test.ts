import { Subject } from 'rxjs'
import { createLogUnderTest, type LogUnderTest } from '../../channel/testing/hub-model.ts'
import type { SynclineError } from '../../errors/syncline-error.ts'
import type { PendingWrite } from '../../outbox/outbox.ts'
import type { Position } from '../../protocol/position.ts'
import { createState, type WritableState } from '../../state/state.ts'
import type { OpenStorage, StorageChange } from '../../storage/client-storage.ts'
import type { View } from '../view.ts'
import { createViewStage, type ViewStageOptions } from '../view-stage.ts'

/** Storage that remembers, and can fail. */
export class StorageModel implements OpenStorage {
  readonly values = new Map<string, unknown>()
  commits = 0
  broken = false
  /** What all tabs have in their outboxes. */
  outbox: readonly PendingWrite[] = []
  async entries(): Promise<[string, unknown][]> {
    if (this.broken) throw new Error('broken')
    return this.outbox.map((record) => [record.id, record])
  }
  async get(_table: string, key: string): Promise<unknown> {
    if (this.broken) throw new Error('broken')
    return structuredClone(this.values.get(key))
  }
  async commit(changes: readonly StorageChange[]): Promise<void> {
    if (this.broken) throw new Error('broken')
    this.commits++
    for (const change of changes)
      if (change.op === 'put') this.values.set(change.key, structuredClone(change.value))
  }
  async lock(): Promise<undefined> {
    return undefined
  }
  async close(): Promise<void> {
    return undefined
  }
}

type Ids = readonly string[]

export interface ViewUnderTest extends LogUnderTest {
  readonly view: View<Ids>
  readonly pendingWrites$: WritableState<readonly PendingWrite[]>
  readonly loaded$: WritableState<boolean>
  readonly storage: StorageModel
  readonly settled: Position[]
  readonly reported: string[]
  /** Every value that the view has shown. */
  readonly shown: (Ids | undefined)[]
  readonly holds: { count: number }
  watch(): () => void
}

export const write = (id: string, data: unknown = id, rest: Partial<PendingWrite> = {}): PendingWrite => ({
  id,
  channel: 'todos',
  kind: 'mutate',
  name: 'add',
  data,
  key: undefined,
  createdAt: 0,
  effects: undefined,
  ...rest,
})

/** A view of message ids: the state must be the list of the hub's ids up to its position. */
export const createViewUnderTest = (
  options: Partial<ViewStageOptions> = {},
  { under = createLogUnderTest(), storage = new StorageModel() } = {},
): ViewUnderTest => {
  const pendingWrites$ = createState<readonly PendingWrite[]>([])
  const loaded$ = createState(true)
  const reported: string[] = []
  const settled: Position[] = []
  const holds = { count: 0 }
  const report$ = new Subject<SynclineError>()
  report$.subscribe(({ code }) => reported.push(code))
  const view = createViewStage<Ids>({
    log: under.log,
    environment: under.time.environment,
    pending$: pendingWrites$,
    loaded$,
    hold: () => {
      holds.count++
      return () => {
        holds.count--
      }
    },
    settled: (position) => settled.push(position),
    storage: (work) => work(storage),
    signedOut: () => false,
    report: (error) => report$.next(error),
    name: 'default',
    version: 1,
    snapshot: true,
    initial: (snapshot) => snapshot ?? [],
    on: { added: (state, _data, message) => [...(state as Ids), message.id] },
    optimistic: { add: (state, input) => [...(state as Ids), `~${input}`] },
    persist: false,
    upgrade: undefined,
    ...options,
  })
  const shown: (Ids | undefined)[] = []
  return {
    ...under,
    view,
    pendingWrites$,
    loaded$,
    storage,
    settled,
    reported,
    shown,
    holds,
    watch: () => {
      const subscription = view.subscribe((value) => shown.push(value))
      return () => subscription.unsubscribe()
    },
  }
}
