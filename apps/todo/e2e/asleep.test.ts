import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { eventually, series } from 'demo-support/e2e'
import { expect, it } from 'vitest'
import { openWindow } from './support/browser.ts'
import { expectOnce } from './support/expect-once.ts'
import { useStage } from './support/stage.ts'
import { useOwnBrowser } from './support/use-own-browser.ts'

const heartbeat = 1_000
const stage = useStage({ TODO_HEARTBEAT: String(heartbeat) })
const own = useOwnBrowser()

it('goes on after a sleep that neither its sessions nor its tokens survive', async () => {
  const { server } = stage
  const { context } = own.browser
  const first = await openWindow(context, { url: server.url, provider: 'socket-io' })
  const second = await openWindow(context, { url: server.url, provider: 'sse' })
  const titles = [...series('First', 100), ...series('Second', 100)]
  await Promise.all([first.addAll(titles.slice(0, 100)), second.addAll(titles.slice(100))])
  await eventually(() => server.stored().length).toBeGreaterThan(0)

  await own.browser.sleep()
  const since = Date.now()
  await server.kill()
  rmSync(join(server.data, 'token-secret'))
  await server.start()
  const other = await openWindow(await stage.profile(), { url: server.url, person: 'grace' })
  await other.add('Grace')
  await other.allSaved()
  // Longer than a connection may be silent, by the clock that the hub goes by as well.
  await eventually(() => Date.now() - since).toBeGreaterThan(3 * heartbeat)
  own.browser.wake()
  await first.allSaved()
  await second.allSaved()
  expect(server.stored()).toEqual(expect.arrayContaining(titles))
  await expectOnce(server, [...titles, 'Grace'], first, second, other)
  await other.add('Awake')
  await expectOnce(server, [...titles, 'Grace', 'Awake'], first, second, other)
})
