import { z } from 'zod'
import type {
  ChannelContract,
  EventData,
  EventInput,
  EventName,
  MutationInput,
  MutationName,
  MutationParsedInput,
  MutationResult,
  MutationReturn,
  ParametersArgument,
  PublishName,
  SnapshotInput,
  SnapshotState,
} from './channel-contract.ts'
import { defineChannel } from './define-channel.ts'
import { type } from './schema.ts'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const holds = <_ extends true>(): void => undefined

// Real schemas with transforms: what travels is the input form, what arrives is the output form.

const Todo = z.object({ id: z.string(), due: z.string().transform((text) => new Date(text)) })
const NewTodo = z.object({ id: z.string(), title: z.string().default('') })
interface TodoIn {
  id: string
  due: string
}
interface TodoOut {
  id: string
  due: Date
}

const todos = defineChannel('todos', {
  version: 2,
  snapshot: z.array(Todo),
  events: { 'todo:created': Todo, 'todo:deleted': z.string(), 'cursor:moved': type<{ x: number }>() },
  mutations: {
    'todo:create': { input: NewTodo, output: Todo },
    'todo:clear': { input: type<undefined>() },
  },
  publish: ['cursor:moved'],
  upgradeWrite: (write) => (write.version === 1 ? { name: write.name, data: write.data } : undefined),
})
type Todos = typeof todos

holds<Equal<EventName<Todos>, 'todo:created' | 'todo:deleted' | 'cursor:moved'>>()
holds<Equal<MutationName<Todos>, 'todo:create' | 'todo:clear'>>()
holds<Equal<PublishName<Todos>, 'cursor:moved'>>()
holds<Equal<EventData<Todos, 'todo:created'>, TodoOut>>()
holds<Equal<EventInput<Todos, 'todo:created'>, TodoIn>>()
holds<Equal<EventData<Todos, 'cursor:moved'>, { x: number }>>()
holds<Equal<SnapshotState<Todos>, TodoOut[]>>()
holds<Equal<SnapshotInput<Todos>, TodoIn[]>>()
holds<Equal<MutationInput<Todos, 'todo:create'>, { id: string; title?: string | undefined }>>()
holds<Equal<MutationParsedInput<Todos, 'todo:create'>, { id: string; title: string }>>()
holds<Equal<MutationReturn<Todos, 'todo:create'>, TodoIn>>()
holds<Equal<MutationResult<Todos, 'todo:create'>, TodoOut>>()
holds<Equal<MutationReturn<Todos, 'todo:clear'>, void>>()
holds<Equal<MutationResult<Todos, 'todo:clear'>, void>>()
holds<Equal<ParametersArgument<Todos>, []>>()

// Events only.

const log = defineChannel('log', { events: { line: type<string>() } })
type Log = typeof log
holds<Equal<EventName<Log>, 'line'>>()
holds<Equal<MutationName<Log>, never>>()
holds<Equal<PublishName<Log>, never>>()
holds<Equal<SnapshotState<Log>, undefined>>()
holds<Equal<SnapshotInput<Log>, undefined>>()

// Parameters.

const board = defineChannel('team/:team/board/:id', { events: {} })
holds<
  Equal<
    ParametersArgument<typeof board>,
    [parameters: { readonly team: string | number } & { readonly id: string | number }]
  >
>()
holds<Equal<EventName<typeof board>, never>>()

// Any contract takes each of them.

const all: ChannelContract[] = [todos, log, board]
void all

// What is wrong is an error where it stands.

defineChannel('todos', {
  events: { 'todo:created': Todo, 'todo:deleted': z.string() },
  // @ts-expect-error "todo:craeted" is not assignable to "todo:created" | "todo:deleted"
  publish: ['todo:craeted'],
})
defineChannel('todos', {
  // @ts-expect-error a schema is asked for
  events: { 'todo:created': 'todo' },
})
defineChannel('todos', {
  events: {},
  // @ts-expect-error a mutation has an input
  mutations: { 'todo:create': { output: Todo } },
})
// @ts-expect-error a misspelt part of a definition
defineChannel('todos', { events: {}, mutation: {} })
