import { setImmediate } from 'node:timers'
import { createVirtualTime, type VirtualTime } from '@syncline/testing'
import { Subject } from 'rxjs'
import { SynclineError } from '../../errors/syncline-error.ts'
import type { ClientFrame, StreamFrame, WelcomeFrame } from '../../protocol/frames.ts'
import type { Effect } from '../../protocol/position.ts'
import { createState } from '../../state/state.ts'
import type { ClientStorage, OpenStorage, StorageChange, StorageLock } from '../../storage/client-storage.ts'
import { memoryStorage } from '../../storage/memory-storage.ts'
import type { HubLink } from '../../transport/hub-link.ts'
import { createOutbox } from '../create-outbox.ts'
import { createDurableKeeper } from '../durable-keeper.ts'
import type { NewWrite } from '../outbox.ts'
import type { OutboxContext, OutboxStage } from '../outbox-context.ts'
import { createFakeHub, type FakeHub } from './fake-hub.ts'

/** One page with an outbox: its storage handle, its tab, its link to the hub. */
export interface Page {
  readonly outbox: OutboxStage
  readonly errors: SynclineError[]
  readonly frames$: Subject<StreamFrame>
  /** Set by a test: which effects were delivered. */
  hasPassed: (effects: readonly Effect[]) => boolean
  /** While set, what the hub answers is lost. */
  deaf: boolean
  /** Called before each commit reaches the storage; may throw. */
  onCommit: (changes: readonly StorageChange[]) => void
  commits: number
  /** While set, commits wait for it before they reach the storage. */
  gate: Promise<void> | undefined
  connect(limits?: Partial<WelcomeFrame['limits']>): void
  disconnect(): void
  /** The page's end without a word: nothing is stored, sent or heard any more. */
  kill(): Promise<void>
  client(): string
  alive(): boolean
  /** As when a lease expired while the page slept: the lock is free, and commits under it are refused. */
  loseLock(): void
}

export interface Harness {
  readonly time: VirtualTime
  readonly hub: FakeHub
  readonly storage: ClientStorage
  /** Locks can be waited for, as Web Locks can. Default false: they are like leases. */
  queuesLocks: boolean
  /** Lets everything run that needs no clock, the wire included. */
  settle(): Promise<void>
  /** A page of a tab; the same tab name is the same tab, reloaded. */
  page(tab?: string, context?: Partial<OutboxContext> & { readonly identity?: string }): Page
  /** Ends everything; fails if a timer is left. */
  close(): Promise<number>
}

export const todo = (data: unknown, more: Partial<NewWrite> = {}): NewWrite => ({
  channel: 'todos',
  kind: 'mutate',
  name: 'add',
  data,
  contractVersion: 1,
  ...more,
})

export const createHarness = (): Harness => {
  const time = createVirtualTime()
  const hub = createFakeHub()
  const storage = memoryStorage()
  const tabs = new Map<string, Map<string, string>>()
  const pages: Page[] = []
  const freed = new Set<() => void>()
  const tellFreed = (): void => {
    for (const tell of [...freed]) if (freed.delete(tell)) tell()
  }

  const page: Harness['page'] = (tab = 'tab', overrides = {}) => {
    const memory = tabs.get(tab) ?? new Map<string, string>()
    tabs.set(tab, memory)
    const environment = {
      ...time.environment,
      tab: {
        get: (key: string) => memory.get(key),
        set: (key: string, value: string) => void memory.set(key, value),
      },
    }
    const link$ = createState<HubLink | undefined>(undefined)
    let handle: OpenStorage | undefined
    let alive = true
    const locks = new Map<StorageLock, { lost: boolean }>()
    const open = async () => {
      const opened = await storage.open(overrides.identity ?? 'ada')
      handle = opened
      const guarded: OpenStorage = {
        ...opened,
        lock: async (name, wait) => {
          let lock = await opened.lock(name)
          while (!lock && wait && harness.queuesLocks && !wait.aborted) {
            await new Promise<void>((resolve) => {
              freed.add(resolve)
              wait.addEventListener('abort', () => resolve())
            })
            if (!wait.aborted) lock = await opened.lock(name)
          }
          if (!lock) return undefined
          const state = { lost: false }
          const leased: StorageLock = {
            get lost() {
              return state.lost
            },
            release: () => {
              lock.release()
              tellFreed()
            },
          }
          locks.set(leased, state)
          return leased
        },
        commit: async (changes, lock) => {
          if (lock && locks.get(lock)?.lost) throw new SynclineError('storage-failed', { detail: 'lost' })
          self.commits++
          await self.gate
          try {
            self.onCommit(changes)
          } catch (error) {
            throw new SynclineError('storage-failed', { cause: error })
          }
          await opened.commit(changes, lock)
        },
      }
      return guarded
    }
    let claimed = ''
    const errors: SynclineError[] = []
    const frames$ = new Subject<StreamFrame>()
    const receive = (frame: ClientFrame, link: HubLink): void => {
      if (!alive || frame.type !== 'writes') return
      // As JSON, which is all that a transport sees of it.
      const copy: typeof frame = JSON.parse(JSON.stringify(frame))
      // The wire: a turn there and a turn back.
      setImmediate(() => {
        for (const answer of hub.receive(copy))
          setImmediate(() => {
            if (alive && !self.deaf && link$.get() === link) frames$.next(structuredClone(answer))
          })
      })
    }
    const self: Page = {
      outbox: createOutbox({
        open,
        claimed: (client) => {
          claimed = client
        },
        keeper: createDurableKeeper,
        environment,
        link$,
        frames$,
        hasPassed: (effects) => self.hasPassed(effects),
        parseResult: (_channel, _mutation, result) => result,
        upgrade: () => undefined,
        contractVersion: () => 1,
        ...overrides,
      }),
      errors,
      frames$,
      hasPassed: () => true,
      deaf: false,
      onCommit: () => {},
      commits: 0,
      gate: undefined,
      connect: (limits = {}) => {
        const welcome: WelcomeFrame = {
          type: 'welcome',
          version: 1,
          session: 's',
          subject: 'ada',
          heartbeat: 10_000,
          limits: { frameBytes: 100_000, writesInFlight: 1_000, channels: 100, ...limits },
        }
        const link: HubLink = {
          welcome,
          continuity: 'unknown',
          send: (...frames) => {
            if (link$.get() === link) for (const frame of frames) receive(frame, link)
          },
        }
        link$.set(link)
      },
      disconnect: () => link$.set(undefined),
      kill: async () => {
        alive = false
        link$.set(undefined)
        self.onCommit = () => {
          throw new Error('dead')
        }
        await handle?.close()
        tellFreed()
        await self.outbox.close().catch(() => {})
      },
      loseLock: () => {
        for (const [lock, state] of locks) {
          state.lost = true
          lock.release()
        }
      },
      alive: () => alive,
      client: () => memory.get('syncline:client')?.split(' ')[0] ?? claimed,
    }
    self.outbox.errors$.subscribe((error) => errors.push(error))
    pages.push(self)
    return self
  }

  const harness: Harness = {
    time,
    hub,
    storage,
    page,
    queuesLocks: false,
    settle: async () => {
      for (let turns = 0; turns < 15; turns++) await time.settle()
    },
    close: async () => {
      for (const each of pages) await each.outbox.close().catch(() => {})
      return time.timers
    },
  }
  return harness
}
