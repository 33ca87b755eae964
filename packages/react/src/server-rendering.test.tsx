// @vitest-environment happy-dom
import { createClient, createView, defineChannel, type } from '@syncline/core'
import { act } from '@testing-library/react'
import { useState } from 'react'
import { hydrateRoot } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { expect, test, vi } from 'vitest'
import {
  createFakeClient,
  createFakeReceipt,
  createFakeView,
  needsAuth,
  todos,
} from '../test/fakes/fake-client.ts'
import { ConnectionBoundary } from './connection-boundary.tsx'
import { SynclineProvider } from './syncline-provider.tsx'
import { useChannel } from './use-channel.ts'
import { useChannelState } from './use-channel-state.ts'
import { useConnection } from './use-connection.ts'
import { useMessages } from './use-messages.ts'
import { useOutbox } from './use-outbox.ts'
import { useView } from './use-view.ts'

const setUp = () => {
  const fake = createFakeClient()
  const { view, set, isObserved } = createFakeView<readonly string[]>(undefined)
  const App = () => {
    const channel = useChannel(todos)
    const phase = useChannelState(channel, (state) => state.phase)
    const { pending } = useOutbox()
    const count = useMessages(channel, 'todo:created').length
    const list = useView(view, (items = []) => items.join())
    return <p>{[useConnection().at, phase, pending.length, count, list].join(' ')}</p>
  }
  const page = (
    <SynclineProvider client={fake.client}>
      <ConnectionBoundary fallback="Sorry">
        <App />
      </ConnectionBoundary>
    </SynclineProvider>
  )
  return { ...fake, isViewed: isObserved, set, page }
}

test('the server renders the idle state and uses nothing of the client', () => {
  const { channel, page, status$, isViewed } = setUp()
  status$.set(needsAuth)
  expect(renderToString(page)).toContain('<p>idle idle 0 0 </p>')
  expect([status$.observed, isViewed(), channel('todos').isJoined()]).toEqual([false, false, false])
})

test('a client that is ahead hydrates without a mismatch and then shows what it has', async () => {
  const { channel, page, pending$, set, status$ } = setUp()
  const root = document.createElement('div')
  root.innerHTML = renderToString(page)
  status$.set({ at: 'connected' })
  channel('todos').move({ phase: 'live' })
  pending$.set([createFakeReceipt('todo:create', {})])
  set(['a', 'b'])
  const complaints = vi.spyOn(console, 'error')
  const onRecoverableError = vi.fn()
  const paragraph = root.querySelector('p')
  const hydrated = await act(async () => hydrateRoot(root, page, { onRecoverableError }))
  expect(paragraph?.textContent).toBe('connected live 1 0 a,b')
  expect(root.querySelector('p')).toBe(paragraph)
  expect(onRecoverableError).not.toHaveBeenCalled()
  expect(complaints).not.toHaveBeenCalled()
  act(() => hydrated.unmount())
  expect(channel('todos').isJoined()).toBe(false)
})

test('a real client opens neither its transport nor its storage on the server', async () => {
  const list = defineChannel('list', { snapshot: type<string[]>(), events: { added: type<string>() } })
  const opened: string[] = []
  const open = (what: string) => (): never => {
    opened.push(what)
    throw new Error(`${what} was opened`)
  }
  const client = createClient({
    transport: { kind: 'hub', name: 'none', open: open('transport') },
    storage: { open: open('storage') },
  })
  const App = () => {
    const channel = useChannel(list)
    const [view] = useState(() => createView(channel, { initial: (items) => items, on: {}, persist: true }))
    const phase = useChannelState(channel, (state) => state.phase)
    const count = useMessages(channel, 'added').length
    return <p>{[useConnection().at, phase, useOutbox().pending.length, count, useView(view)].join(' ')}</p>
  }
  const page = (
    <SynclineProvider client={client}>
      <App />
    </SynclineProvider>
  )
  expect(renderToString(page)).toContain('<p>idle idle 0 0 </p>')
  await new Promise((resolve) => setImmediate(resolve))
  expect(opened).toEqual([])
  await client.close()
})
