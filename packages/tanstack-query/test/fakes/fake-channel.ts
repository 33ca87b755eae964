import {
  type ChannelHandle,
  type ChannelState,
  createState,
  type Effect,
  type Message,
  type Missed,
  type ParkedWrite,
  type Receipt,
  type ReceiptStatus,
  SynclineError,
  type WritableState,
} from '@syncline/core'
import { Subject } from 'rxjs'
import type { Todo, todos } from './todos.ts'

export type FakeReceipt = Receipt<Todo> & { readonly status$: WritableState<ReceiptStatus> }

/** A channel and its outbox, moved by hand. */
export const createFakeChannel = (name = 'todos') => {
  const messages$ = new Subject<Message>()
  const missed$ = new Subject<Missed>()
  const errors$ = new Subject<SynclineError>()
  const state$ = createState<ChannelState>({
    phase: 'idle',
    position: undefined,
    head: undefined,
    pending: 0,
    error: undefined,
  })
  const pending$ = createState<readonly Receipt[]>([])
  const parked$ = createState<readonly ParkedWrite[]>([])
  let seq = 0
  let writes = 0

  const leave = (receipt: Receipt) => pending$.set(pending$.get().filter((other) => other !== receipt))

  const mutate = (mutation: string, input: unknown, options: { readonly key?: string } = {}): FakeReceipt => {
    const status$ = createState<ReceiptStatus>({ at: 'saving' })
    const settled = new Promise<Todo>((resolve, reject) => {
      status$.subscribe((status) => {
        if (status.at === 'accepted') resolve({ ...(input as Todo), done: true })
        if (status.at === 'parked' || status.at === 'failed') reject(status.error)
      })
    })
    settled.catch(() => {})
    const saved = new Promise<void>((resolve, reject) => {
      status$.subscribe((status) => {
        if (status.at === 'queued') resolve()
        if (status.at === 'failed') reject(status.error)
      })
    })
    saved.catch(() => {})
    const receipt: FakeReceipt = {
      id: `write-${++writes}`,
      channel: name,
      kind: 'mutate',
      name: mutation,
      input,
      key: options.key,
      createdAt: writes,
      status$,
      saved,
      result: settled,
    }
    pending$.set([...pending$.get(), receipt])
    return receipt
  }

  return {
    handle: {
      name,
      state$,
      messages$,
      missed$,
      errors$,
      outbox: { loaded$: createState(true), pending$, parked$ },
      mutate,
    } as unknown as ChannelHandle<typeof todos>,
    mutate,
    pending$,
    /** One message; `write` is the write that caused it. */
    emit: (event: string, data: unknown, write?: Receipt) => {
      const position = { epoch: 'a', seq: ++seq }
      messages$.next({
        id: `m${seq}`,
        channel: name,
        event,
        data,
        position,
        timestamp: 0,
        writeId: write?.id,
      })
    },
    queue: (receipt: FakeReceipt) => receipt.status$.set({ at: 'queued', durable: true }),
    accept: (
      receipt: FakeReceipt,
      effects: readonly Effect[] = [{ channel: name, position: { epoch: 'a', seq: 1 } }],
    ) => {
      receipt.status$.set({ at: 'accepted', effects })
      leave(receipt)
    },
    apply: (receipt: FakeReceipt) => receipt.status$.set({ at: 'applied', effects: [] }),
    refuse: (receipt: FakeReceipt) => {
      receipt.status$.set({ at: 'parked', reason: 'rejected', error: new SynclineError('rejected') })
      leave(receipt)
    },
    miss: () => missed$.next({ after: undefined, through: { epoch: 'b', seq: 9, id: '' } }),
    fail: (error: SynclineError) => errors$.next(error),
    move: (state: Partial<ChannelState>) => state$.set({ ...state$.get(), ...state }),
    /** Whether anybody keeps the channel joined. */
    isJoined: () => messages$.observed,
  }
}

export type FakeChannel = ReturnType<typeof createFakeChannel>
