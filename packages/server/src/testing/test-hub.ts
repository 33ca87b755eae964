import { defineChannel, type } from '@syncline/core'
import type { ClientFrame, WireWrite } from '@syncline/core/protocol'
import { createVirtualTime, type VirtualTime } from '@syncline/testing'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import type { Identity } from '../channel/identity.ts'
import { createHub } from '../hub/create-hub.ts'
import type { Hub, HubOptions } from '../hub/hub.ts'
import type { LogFields, Logger } from '../logger.ts'
import type { HubStore } from '../store/hub-store.ts'
import { memoryStore } from '../store/memory-store.ts'
import { createTestGateway, type TestGateway, type TestPeer } from './test-peer.ts'

export const Todo = z.object({ id: z.string(), text: z.string() })
export type Todo = z.infer<typeof Todo>

export const todos = defineChannel('todos', {
  snapshot: type<Todo[]>(),
  events: { 'todo:created': Todo, 'todo:typing': z.object({ who: z.string() }) },
  mutations: { 'todo:create': { input: Todo, output: Todo } },
  publish: ['todo:typing'],
})

export const board = defineChannel('board/:id', {
  events: { moved: type<{ readonly x: number }>() },
})

export interface LogEntry extends LogFields {
  readonly level: string
  readonly message: string
}

export interface TestHub<User extends Identity> {
  readonly hub: Hub<unknown, User>
  readonly gateway: TestGateway
  readonly time: VirtualTime
  readonly log: readonly LogEntry[]
  /** A client that has its welcome. */
  client(options?: Parameters<TestGateway['connect']>[0]): Promise<TestPeer>
}

const recording = (entries: LogEntry[]): Logger => {
  const at = (level: string) => (fields: LogFields, message: string) =>
    void entries.push({ ...fields, level, message })
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** A hub in virtual time with one test gateway. */
export const createTestHub = <User extends Identity = Identity>(
  options: Partial<HubOptions<unknown, User>> & {
    readonly time?: VirtualTime
    readonly gateway?: TestGateway
  } = {},
): TestHub<User> => {
  const time = options.time ?? createVirtualTime()
  const gateway = options.gateway ?? createTestGateway()
  const log: LogEntry[] = []
  const hub = createHub<unknown, User>({
    // With a database, so that handlers may run inside the commit.
    store: { ...memoryStore(), db: {} } as HubStore,
    gateways: [gateway],
    environment: time.environment,
    logger: recording(log),
    ...options,
  })
  return {
    hub,
    gateway,
    time,
    log,
    client: async (connect) => {
      const peer = gateway.connect(connect)
      await time.settle()
      return peer
    },
  }
}

/** The same, closed when the test is over. */
export const startTestHub = <User extends Identity = Identity>(
  options?: Parameters<typeof createTestHub<User>>[0],
): TestHub<User> => {
  const made = createTestHub(options)
  onTestFinished(async () => {
    const closing = made.hub.close({ within: 0 })
    await made.time.advance(20)
    await closing
  })
  return made
}

/** The writes of a stream to `todos` from number `n` on. */
export const writes = (
  n: number,
  list: readonly (Pick<Todo, 'id'> & Partial<Todo>)[],
  options: { readonly client?: string; readonly answered?: number; readonly generation?: number } = {},
): ClientFrame => ({
  type: 'writes',
  channel: 'todos',
  client: options.client ?? 'client',
  generation: options.generation ?? 1,
  answered: options.answered ?? 0,
  writes: list.map((todo, index) => create(n + index, todo)),
})

export const create = (n: number, todo: Pick<Todo, 'id'> & Partial<Todo>): WireWrite => [
  n,
  `write-${todo.id}`,
  'mutate',
  'todo:create',
  { text: 'milk', ...todo },
  1,
]
