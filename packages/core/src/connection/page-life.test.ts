import { createVirtualTime } from '@syncline/testing'
import { afterEach, expect, it, vi } from 'vitest'
import { createScriptedTransport } from '../../test/scripted-transport.ts'
import { createDefaultEnvironment } from '../environment/default-environment.ts'
import { createHubConnection } from './create-hub-connection.ts'

afterEach(() => vi.unstubAllGlobals())

/** A connection in a page, whose events are the browser's and whose time is ours. */
const setUp = () => {
  const page = new EventTarget()
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page))
  vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page))
  const time = createVirtualTime()
  const { signals$ } = createDefaultEnvironment()
  const scripted = createScriptedTransport()
  const connection = createHubConnection({
    transport: scripted.transport,
    environment: { ...time.environment, signals$ },
    hello: () => ({ type: 'hello', version: 1, client: 'c1' }),
  })
  connection.connect()
  const show = (persisted: boolean) => page.dispatchEvent(Object.assign(new Event('pageshow'), { persisted }))
  return { time, scripted, connection, show }
}

it('a page that comes back from the back/forward cache checks its link, and dials when nothing answers', async () => {
  const { time, scripted, connection, show } = setUp()
  scripted.last.welcome()
  show(false)
  await time.settle()
  expect(scripted.last.sent).toEqual([])
  show(true)
  await time.settle()
  expect(scripted.last.sent).toEqual([[{ type: 'ping' }]])
  scripted.last.frames({ type: 'pong' })
  await time.advance(10_000)
  expect(connection.status$.get().at).toBe('connected')
  show(true)
  await time.advance(5_000)
  expect(connection.status$.get()).toMatchObject({ at: 'reconnecting', error: { code: 'heartbeat-timeout' } })
  await time.advance(1_000)
  expect(scripted.attempts).toHaveLength(2)
})

it('a page whose link was cut in the cache dials at once when it comes back', async () => {
  const { scripted, connection, show } = setUp()
  scripted.last.welcome()
  scripted.last.fail()
  expect(scripted.attempts).toHaveLength(1)
  show(true)
  expect(scripted.attempts).toHaveLength(2)
  scripted.last.welcome()
  expect(connection.status$.get().at).toBe('connected')
  connection.close()
})
