import { describe, expect, it } from 'vitest'
import { memoryStore } from '../store/memory-store.ts'
import { createTestHub, todos } from '../testing/test-hub.ts'
import { createTestGateway } from '../testing/test-peer.ts'
import { createHub } from './create-hub.ts'

const inMemory = () => createTestHub({ store: memoryStore() }).hub
const serve = (options: unknown) => () => inMemory().serve(todos, options as never)
const snapshot = () => []
const create = () => undefined

describe('createHub', () => {
  it.each([
    ['store', { gateways: [] }],
    ['gateways', { store: memoryStore() }],
    ['store', undefined],
  ])('names the missing `%s`', (option, options) => {
    expect(() => createHub(options as never)).toThrow(new RegExp(`createHub: \`${option}\``))
  })

  it.each([
    ['whose cursors would be one', { publish: async () => {} }],
    ['whose paths would be one', { routes: { test: async () => new Response() } }],
  ])('refuses two gateways %s', (_, more) => {
    const gateways = [1, 2].map(() => ({ ...createTestGateway(), ...more }))
    expect(() => createHub({ store: memoryStore(), gateways })).toThrow(/two gateways are called "test"/)
  })

  it('takes two gateways of one name that share nothing', () => {
    const gateways = [createTestGateway(), createTestGateway()]
    expect(() => createHub({ store: memoryStore(), gateways })).not.toThrow()
  })
})

describe('serve', () => {
  it.each([
    ['no options', undefined, /serve "todos": `snapshot` is missing/],
    ['no snapshot', { mutations: { 'todo:create': create } }, /`snapshot` is missing/],
    ['no handler', { snapshot }, /`mutations\['todo:create'\]` must be a function/],
    [
      'a handler too many',
      { snapshot, mutations: { 'todo:create': create, x: create } },
      /\['x'\]` is not in/,
    ],
    [
      'a transaction where there is no database',
      { snapshot, mutations: { 'todo:create': { transaction: create } } },
      /needs a store with a database/,
    ],
  ])('refuses %s', (_, options, problem) => {
    expect(serve(options)).toThrow(problem)
  })

  it('refuses a contract that is served', () => {
    const hub = inMemory()
    const again = () => hub.serve(todos, { snapshot, mutations: { 'todo:create': ({ input }) => input } })
    again()
    expect(again).toThrow(/"todos" is already served/)
  })
})
