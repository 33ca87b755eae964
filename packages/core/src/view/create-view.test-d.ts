import { z } from 'zod'
import type { Message } from '../channel/channel.ts'
import { defineChannel } from '../contract/define-channel.ts'
import { type } from '../contract/schema.ts'
import { createView, type ViewableChannel } from './create-view.ts'
import type { View } from './view.ts'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const holds = <_ extends true>(): void => undefined

interface Todo {
  id: string
  done: boolean
}

const todos = defineChannel('todos', {
  snapshot: type<Todo[]>(),
  events: {
    'todo:created': type<Todo>(),
    'todo:due': z.object({ at: z.string().transform((text) => new Date(text)) }),
  },
  mutations: { 'todo:create': { input: type<{ id: string }>() } },
  publish: ['todo:due'],
})
declare const channel: ViewableChannel<typeof todos>

// State, data and input are known from the contract and from what `initial` returns.

const list = createView(channel, {
  initial: (snapshot) => snapshot,
  on: {
    'todo:created': (state, todo, message) => {
      holds<Equal<typeof message, Message<'todo:created', Todo>>>()
      return [...state, todo]
    },
    'todo:due': (state, { at }) => (at.getTime() > 0 ? state : []),
  },
  optimistic: {
    'todo:create': (state, input, { writeId, createdAt }) =>
      writeId && createdAt ? [...state, { ...input, done: false }] : state,
    'todo:due': (state, { at }) => (at.length > 0 ? state : []),
  },
  persist: { upgrade: (state, version) => (version === 1 ? (state as Todo[]) : undefined) },
})
holds<Equal<typeof list, View<Todo[]>>>()

const count = createView(channel, {
  name: 'count',
  initial: (snapshot) => new Map<string, number>(snapshot.map(({ id }) => [id, 1])),
  on: { 'todo:created': (state, { id }) => new Map(state).set(id, 1) },
})
holds<Equal<typeof count, View<Map<string, number>>>>()

// Events only: there is nothing to start from.

const log = defineChannel('log', { events: { line: type<string>() } })
declare const lines: ViewableChannel<typeof log>
createView(lines, {
  initial: (snapshot): string[] => {
    holds<Equal<typeof snapshot, undefined>>()
    return []
  },
  on: { line: (state, line) => [...state, line] },
})

// What is wrong is an error where it stands.

createView(channel, {
  initial: (snapshot) => snapshot,
  // @ts-expect-error "todo:craeted" is no event
  on: { 'todo:craeted': (state) => state },
})
createView(channel, {
  initial: (snapshot) => snapshot,
  // @ts-expect-error the state is a list of todos
  on: { 'todo:created': () => 'no' },
})
createView(channel, {
  initial: (snapshot) => snapshot,
  on: {},
  // @ts-expect-error an event that clients may not publish is no write
  optimistic: { 'todo:created': (state: Todo[]) => state },
})

// Handlers may be functions by reference, where the parameter of `initial` has a type.

const rename = (state: readonly Todo[], { id }: { id: string }): Todo[] => [...state, { id, done: false }]
const renamed = createView(channel, {
  initial: (snapshot: Todo[]) => snapshot,
  on: {},
  optimistic: { 'todo:create': rename },
})
holds<Equal<typeof renamed, View<Todo[]>>>()

const add = (state: Map<string, number>, { id }: { id: string }): Map<string, number> =>
  new Map(state).set(id, 1)
const start = (snapshot: readonly Todo[]): Map<string, number> => new Map(snapshot.map(({ id }) => [id, 1]))
const counted = createView(channel, {
  initial: start,
  on: { 'todo:created': add },
  optimistic: { 'todo:create': add },
})
holds<Equal<typeof counted, View<Map<string, number>>>>()
