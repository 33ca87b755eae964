import { createClient, defineChannel, type Transport, type TransportEvent, type } from '@syncline/core'
import { indexedDb } from '@syncline/core/indexed-db'
import type { ClientFrame, WritesFrame } from '@syncline/core/protocol'
import { Observable, type Subscriber } from 'rxjs'
import { createWrite, type Times, writeAll } from './callers.ts'

type Todo = ReturnType<typeof createWrite>

const todos = defineChannel('todos', {
  events: {},
  mutations: { add: { input: type<Todo>(), output: type<string>() } },
})

const welcome = {
  type: 'welcome',
  version: 1,
  session: 'bench',
  subject: 'bench',
  heartbeat: 600_000,
  limits: { frameBytes: 1_000_000, writesInFlight: 256, channels: 100 },
}
const answer = ({ channel, client, generation, writes }: WritesFrame) => ({
  type: 'answers',
  channel,
  client,
  generation,
  answers: writes.map(([n, id]) => [n, id, 'accepted', id, []]),
})

/** A hub in the page, away until `online`: what is measured is the outbox and its storage. */
const createHubInPage = () => {
  let dialling: Subscriber<TransportEvent> | undefined
  let away = true
  const send = (subscriber: Subscriber<TransportEvent>, frames: readonly ClientFrame[]) => {
    const answers = frames.filter((frame) => frame.type === 'writes').map(answer)
    if (answers.length > 0) queueMicrotask(() => subscriber.next({ type: 'frames', frames: answers }))
  }
  const open = (subscriber: Subscriber<TransportEvent>) => {
    subscriber.next({ type: 'open', continuity: 'unknown', send: (frames) => send(subscriber, frames) })
    subscriber.next({ type: 'frames', frames: [welcome] })
  }
  const attempt = () =>
    new Observable<TransportEvent>((subscriber) => {
      dialling = subscriber
      if (!away) open(subscriber)
    })
  const transport: Transport = {
    kind: 'hub',
    name: 'in-page',
    open: () => ({ attempt, dispose: () => undefined }),
  }
  return {
    transport,
    online: () => {
      away = false
      if (dialling) open(dialling)
    },
  }
}

/** Writes into our outbox while the hub is away, then lets it drain. */
export const ours = async (name: string, count: number): Promise<Times> => {
  const { transport, online } = createHubInPage()
  const client = createClient({
    transport,
    identity: 'bench',
    storage: indexedDb(name),
    attemptTimeout: 2 ** 30,
    outbox: { maxWrites: 1_000_000, maxBytes: 1e9 },
  })
  const channel = client.channel(todos)
  await channel.mutate('add', createWrite(count)).saved
  const write = await writeAll(count, (n) => channel.mutate('add', createWrite(n)).saved)
  const pending = client.outbox.pending$.get().length
  if (pending !== count + 1) throw new Error(`${pending} writes are pending.`)

  const begun = performance.now()
  online()
  await new Promise<void>((resolve) => {
    client.outbox.pending$.subscribe((writes) => writes.length === 0 && resolve())
  })
  await client.close()
  const drain = performance.now() - begun
  await expectEmpty(`${name}:${encodeURIComponent('identity:bench')}`)
  return { write, drain }
}

const expectEmpty = (database: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const opening = indexedDB.open(database)
    opening.onerror = () => reject(opening.error)
    opening.onsuccess = () => {
      const counting = opening.result.transaction('outbox').objectStore('outbox').count()
      counting.onerror = () => reject(counting.error)
      counting.onsuccess = () => {
        opening.result.close()
        if (counting.result === 0) resolve()
        else reject(new Error(`${counting.result} writes are still stored.`))
      }
    }
  })
