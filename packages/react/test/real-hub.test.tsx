import { type Client, createClient, createView, defineChannel, type } from '@syncline/core'
import { channelPresence } from '@syncline/core/presence'
import { createHub, memoryStore } from '@syncline/server'
import { sse } from '@syncline/sse'
import { sseGateway } from '@syncline/sse/hub'
import { eventually, until } from '@syncline/testing'
import { serveHub } from '@syncline/testing/adapter'
import { Window } from 'happy-dom'
import { type ReactNode, StrictMode, useState } from 'react'
import { afterEach, expect, test, vi } from 'vitest'
import {
  SynclineProvider,
  useChannel,
  useChannelState,
  useConnection,
  useMutate,
  useOutbox,
  usePresence,
  useReceipt,
  useTyping,
  useView,
} from '../src/index.ts'

// Only a document: with all of a page's globals in place, the hub beside it would answer with those of a browser.
const window = new Window()
for (const name of ['document', 'HTMLElement', 'HTMLIFrameElement', 'Node', 'Element'] as const)
  vi.stubGlobal(name, window[name])
vi.stubGlobal('window', window)
const { act, cleanup, render, within } = await import('@testing-library/react')

const todos = defineChannel('todos', {
  snapshot: type<readonly string[]>(),
  events: { 'todo:created': type<string>() },
  mutations: { 'todo:create': { input: type<string>() } },
  presence: type<{ readonly name: string }>(),
})

const ends: (() => unknown)[] = []
afterEach(async () => {
  cleanup()
  for (const end of ends.splice(0).reverse()) await end()
})

const setUp = async () => {
  const database: string[] = []
  let joins = 0
  const hub = createHub({
    store: memoryStore(),
    authenticate: () => ({ id: 'ada' }),
    gateways: [sseGateway()],
  })
  hub.serve(todos, {
    // Writes are authorised too: count before the first one.
    authorize: () => {
      joins++
      return true
    },
    snapshot: () => database,
    mutations: {
      'todo:create': ({ input, publish }) => {
        database.push(input)
        publish('todo:created', input)
      },
    },
  })
  const url = await serveHub(hub)
  const client = createClient({ transport: sse(url), channels: { linger: 200 } })
  ends.push(() => client.close())
  const list = createView(client.channel(todos), {
    initial: (snapshot) => snapshot,
    on: { 'todo:created': (items, item) => [...items, item] },
    optimistic: { 'todo:create': (items, item) => [...items, item] },
  })
  return { client, hub, joins: () => joins, list, url }
}

/** Renders what is one button, and waits for what it says. */
const show = (client: Client, app: ReactNode) => {
  render(
    <StrictMode>
      <SynclineProvider client={client}>{app}</SynclineProvider>
    </StrictMode>,
  )
  const button = within(document.body).getByRole('button')
  const shows = (text: string) => act(() => eventually(() => button.textContent === text, { what: text }))
  return { button, shows }
}

test('an app in StrictMode: joins once, shows a write at once, and what another sends', async () => {
  const { client, hub, joins, list } = await setUp()
  const frames: string[] = []
  const App = () => {
    const channel = useChannel(todos)
    const phase = useChannelState(channel, (state) => state.phase)
    const create = useMutate(channel, 'todo:create')
    const [write, setWrite] = useState<ReturnType<typeof create>>()
    const items = useView(list, (state = []) => state.join())
    if (frames.at(-1) !== items) frames.push(items)
    return (
      <button type="button" onClick={() => setWrite(create('mine'))}>
        {[useConnection().at, phase, useOutbox().pending.length, useReceipt(write)?.at ?? 'none', items].join(
          ' ',
        )}
      </button>
    )
  }
  const { button, shows } = show(client, <App />)
  await shows('connected live 0 none ')
  expect(joins()).toBe(1)
  await act(() => hub.publish(todos, 'todo:created', 'theirs'))
  await shows('connected live 0 none theirs')
  act(() => button.click())
  await shows('connected live 0 applied theirs,mine')
  expect(frames).toEqual(['', 'theirs', 'theirs,mine'])
  cleanup()
  list.close()
  await until(client.channel(todos).state$, ({ phase }) => phase === 'idle')
})

test('a person in StrictMode enters once, is seen to change and to type, and leaves with the component', async () => {
  const { client, url } = await setUp()
  const other = createClient({ transport: sse(url) })
  ends.push(() => other.close())
  const { members$, typing$ } = channelPresence(other.channel(todos))
  const seen: string[] = []
  members$.subscribe((members) => seen.push(members.map(({ state }) => state.name).join()))
  typing$.subscribe()
  const App = () => {
    const channel = useChannel(todos)
    const [name, setName] = useState('Ada')
    const { people, self } = usePresence(channel, { name })
    const { typing } = useTyping(channel)
    return (
      <button type="button" onClick={() => setName('Countess')} onInput={typing}>
        {[self.at, ...people.map(({ state }) => state.name)].join(' ')}
      </button>
    )
  }
  const { button, shows } = show(client, <App />)
  await shows('inside Ada')
  await until(members$, (members) => members[0]?.state.name === 'Ada')
  act(() => button.click())
  await shows('inside Countess')
  act(() => void button.dispatchEvent(new window.Event('input', { bubbles: true }) as unknown as Event))
  await until(typing$, ([person]) => person?.state.name === 'Countess')
  cleanup()
  await until(members$, (members) => members.length === 0)
  expect(seen.filter((names, index) => names !== seen[index - 1])).toEqual(['', 'Ada', 'Countess', ''])
})
