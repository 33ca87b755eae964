import { inspect } from 'node:util'
import { expect, it, vi } from 'vitest'
import { consoleLogger, type Logger } from '../logger.ts'
import { reject, retryLater } from '../mutation/refusals.ts'
import type { HubStore } from '../store/hub-store.ts'
import { memoryStore } from '../store/memory-store.ts'
import { type createTestHub, startTestHub, todos, writes } from '../testing/test-hub.ts'
import { createWriteLog } from './write-log.ts'

const payload = 'written in confidence'
const token = 'a-token-that-nobody-else-may-see'
const decided = 'a write was decided'
const undecided = 'a write was not decided'

/** What is written again keeps its text: the same number with another one is a conflict. */
const send = (n: number, ...ids: readonly string[]) =>
  writes(
    n,
    ids.map((id) => ({ id, text: payload })),
  )

const start = async (options: Parameters<typeof createTestHub>[0] = {}) => {
  const made = startTestHub({ authenticate: () => ({ id: 'ada' }), ...options })
  made.hub.serve(todos, {
    snapshot: () => [],
    mutations: {
      'todo:create': ({ input, publish }) => {
        if (input.id === 'refused') throw reject(payload)
        if (input.id === 'busy') throw retryLater(1_000)
        publish('todo:created', input)
        return input
      },
    },
  })
  const peer = await made.client({ token })
  const lines = (about: string) => made.log.filter(({ message }) => message === about)
  return { ...made, peer, lines }
}

/** A store whose commits and reads of streams fail while `down` says so. */
const failingStore = (down: () => boolean): HubStore => {
  const store = memoryStore() as HubStore
  const or = <T>(go: () => Promise<T>): Promise<T> =>
    down() ? Promise.reject(new Error('The disk is full.')) : go()
  return {
    ...store,
    db: undefined,
    commit: (group) => or(() => store.commit(group)),
    stream: (key) => or(() => store.stream(key)),
  }
}

const ofTodos = { channel: 'todos', subject: 'ada', name: 'todo:create' }
const sentBack = (id: string, code: string) => ({
  ...ofTodos,
  level: 'debug',
  message: undecided,
  traceId: `write-${id}`,
  code,
})

it('names each write that is decided, once, however often it comes', async () => {
  const { peer, time, lines, log } = await start()
  peer.send(send(1, 'fine', 'refused'))
  await time.settle()
  peer.send(send(1, 'fine', 'refused'))
  await time.settle()
  expect(peer.all('answers').flatMap(({ answers }) => answers)).toHaveLength(4)
  expect(lines(decided)).toEqual([
    { ...ofTodos, level: 'debug', message: decided, traceId: 'write-fine', outcome: 'accepted' },
    {
      ...ofTodos,
      level: 'debug',
      message: decided,
      traceId: 'write-refused',
      outcome: 'rejected',
      code: 'rejected',
    },
  ])
  expect(lines(undecided)).toEqual([])
  for (const secret of [payload, token]) expect(inspect(log, { depth: Infinity })).not.toContain(secret)
})

it('names each write that a store sends back which refuses', async () => {
  let down = false
  const { peer, time, lines, log } = await start({ store: failingStore(() => down) })
  peer.send(send(1, 'first'))
  await time.settle()
  down = true
  peer.send(send(2, 'a', 'b'))
  await time.settle()
  const refused = [sentBack('a', 'store-unavailable'), sentBack('b', 'store-unavailable')]
  expect(lines(undecided)).toEqual(refused)
  // What the hub knows of the stream is in doubt: it is read again, which fails too.
  peer.send(send(2, 'a', 'b'))
  await time.settle()
  expect(lines(undecided)).toEqual([...refused, ...refused])
  down = false
  peer.send(send(2, 'a', 'b'))
  await time.settle()
  expect(lines(decided).map(({ traceId, outcome }) => [traceId, outcome])).toEqual([
    ['write-first', 'accepted'],
    ['write-a', 'accepted'],
    ['write-b', 'accepted'],
  ])
  expect(lines(undecided)).toHaveLength(4)
  for (const secret of [payload, token]) expect(inspect(log, { depth: Infinity })).not.toContain(secret)
})

it('names each write that a handler sends back, and those behind it', async () => {
  const { peer, time, lines } = await start()
  peer.send(send(1, 'fine', 'busy', 'behind'))
  await time.settle()
  expect(peer.last('back')).toMatchObject({ expect: 2, error: { code: 'try-later' } })
  expect(lines(undecided)).toEqual([sentBack('busy', 'try-later'), sentBack('behind', 'try-later')])
})

it('names a write whose outcome nobody knows any more, and one that took the number of another', async () => {
  const { peer, time, lines } = await start()
  peer.send(send(4, 'lost', 'lost-too'))
  await time.settle()
  expect(peer.last('unknown-stream').from).toBe(4)
  const lost = [sentBack('lost', 'outcome-unknown'), sentBack('lost-too', 'outcome-unknown')]
  expect(lines(undecided)).toEqual(lost)
  peer.send(send(1, 'one'))
  await time.settle()
  peer.send(send(1, 'other'))
  await time.settle()
  peer.send({ ...send(1, 'one'), answered: 1 } as never)
  await time.settle()
  expect(lines(undecided)).toEqual([
    ...lost,
    sentBack('other', 'write-conflict'),
    sentBack('one', 'outcome-unknown'),
  ])
})

it('says that a write took too long, and what was answered to it', async () => {
  const { hub, client, time, log } = startTestHub({ handlerTimeout: 1_000 })
  hub.serve(todos, { snapshot: () => [], mutations: { 'todo:create': () => new Promise(() => {}) } })
  const peer = await client({ token })
  peer.send(send(1, 'slow'))
  await time.advance(1_000)
  expect(
    log.filter(({ traceId }) => traceId === 'write-slow').map(({ level, code }) => [level, code]),
  ).toEqual([
    ['error', 'handler-timeout'],
    ['debug', 'handler-timeout'],
  ])
})

it('makes no line that nobody reads', () => {
  const key = { subject: 'ada', client: 'client', channel: 'todos', generation: 1 }
  const write = { id: 'w', name: 'todo:create' }
  const outcome = { type: 'accepted', result: 'null', effects: [] } as const
  const said = (parts: Partial<Logger>) => {
    const debug = vi.fn()
    const log = createWriteLog({ debug, info: debug, warn: debug, error: debug, ...parts })
    log.decided(key, write, outcome)
    log.undecided(key, write, 'try-later')
    return debug.mock.calls.length
  }
  expect(said({})).toBe(2)
  expect(said({ isLevelEnabled: (level) => level === 'debug' })).toBe(2)
  expect(said({ isLevelEnabled: (level) => level !== 'debug' })).toBe(0)
  expect(said({ debug: undefined as never })).toBe(0)
})

it('leaves single writes out of the console', async () => {
  const printed = vi.spyOn(console, 'warn').mockReturnValue(undefined)
  const { peer, time } = await start({ logger: consoleLogger })
  peer.send(send(1, 'busy'))
  await time.settle()
  expect(peer.last('back').error.code).toBe('try-later')
  expect(printed).not.toHaveBeenCalled()
  printed.mockRestore()
})
