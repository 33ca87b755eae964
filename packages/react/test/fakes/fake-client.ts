import {
  type ChannelHandle,
  type ChannelState,
  type Client,
  type ConnectionStatus,
  createState,
  defineChannel,
  type Message,
  type ParkedWrite,
  type Receipt,
  type ReceiptStatus,
  SynclineError,
  type,
  type View,
  type WritableState,
} from '@syncline/core'
import { filter, Subject } from 'rxjs'
import { vi } from 'vitest'

export interface Todo {
  readonly id: string
  readonly text: string
  readonly done: boolean
}

export const todos = defineChannel('todos', {
  events: { 'todo:created': type<Todo>(), 'todo:deleted': type<string>() },
  mutations: { 'todo:create': { input: type<{ id: string; text: string }>(), output: type<Todo>() } },
})
export const board = defineChannel('board/:id', { events: { moved: type<number>() } })

export const needsAuth: ConnectionStatus = { at: 'needs-auth', error: new SynclineError('unauthenticated') }
export const reconnecting: ConnectionStatus = {
  at: 'reconnecting',
  attempt: 2,
  retryAt: undefined,
  error: new SynclineError('transport-failed'),
}

const createFakeChannel = (name: string) => {
  const messages$ = new Subject<Message>()
  const state$ = createState<ChannelState>({
    phase: 'idle',
    position: undefined,
    head: undefined,
    pending: 0,
    error: undefined,
  })
  let seq = 0
  const handle = {
    name,
    state$,
    messages$,
    on: vi.fn((event: string, listener: (data: unknown, message: Message) => void) => {
      const subscription = messages$
        .pipe(filter((message) => message.event === event))
        .subscribe((message) => listener(message.data, message))
      return () => subscription.unsubscribe()
    }),
    mutate: vi.fn((mutation: string, input: unknown, options?: object) =>
      createFakeReceipt(mutation, input, options),
    ),
  }
  return {
    handle: handle as unknown as ChannelHandle<typeof todos>,
    on: handle.on,
    mutate: handle.mutate,
    move: (change: Partial<ChannelState>) => state$.set({ ...state$.get(), ...change }),
    emit: (event: string, data: unknown) => {
      const position = { epoch: 'a', seq: ++seq, id: `m${seq}` }
      messages$.next({
        id: `m${seq}`,
        channel: name,
        event,
        data,
        position,
        timestamp: 0,
        writeId: undefined,
      })
    },
    /** Whether anybody keeps the channel joined. */
    isJoined: () => messages$.observed,
  }
}

export const createFakeReceipt = (name: string, input: unknown, options: object = {}) => {
  const status$ = createState<ReceiptStatus>({ at: 'saving' })
  return { id: 'write-1', name, input, status$, ...options } as unknown as Receipt<Todo> & {
    status$: typeof status$
  }
}

/** States are subjects: this says so to the types. */
const observable = <T>(state: WritableState<T>) => state as WritableState<T> & { readonly observed: boolean }

/** A client that is moved by hand. */
export const createFakeClient = () => {
  const status$ = observable(createState<ConnectionStatus>({ at: 'idle' }))
  const pending$ = createState<readonly Receipt[]>([])
  const parked$ = createState<readonly ParkedWrite[]>([])
  const loaded$ = createState(false)
  const channels = new Map<string, ReturnType<typeof createFakeChannel>>()
  const channel = (name: string) => {
    const known = channels.get(name) ?? createFakeChannel(name)
    channels.set(name, known)
    return known
  }
  const outbox = { loaded$, pending$, parked$, retry: vi.fn(), discard: vi.fn(), export: vi.fn() }
  const retryNow = vi.fn()
  const client = {
    status$,
    outbox,
    retryNow,
    channel: ({ name }: { name: string }, parameters: Record<string, unknown> = {}) =>
      channel(name.replace(/:(\w+)/g, (_, key: string) => String(parameters[key]))).handle,
  } as unknown as Client
  return { client, status$, outbox, loaded$, pending$, parked$, retryNow, channel }
}

/** A view that is moved by hand. */
export const createFakeView = <S>(initial: S | undefined) => {
  const view$ = observable(createState<S | undefined>(initial))
  return { view: view$ as unknown as View<S>, set: view$.set.bind(view$), isObserved: () => view$.observed }
}
