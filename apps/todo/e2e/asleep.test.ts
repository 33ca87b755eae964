import { eventually, series } from 'demo-support/e2e'
import { expect, it } from 'vitest'
import { openWindow } from './support/browser.ts'
import { expectOnce } from './support/expect-once.ts'
import { useStage } from './support/stage.ts'
import { useOwnBrowser } from './support/use-own-browser.ts'

const heartbeat = 1_000
const tokenLife = 6_000
const stage = useStage({ TODO_HEARTBEAT: String(heartbeat), TODO_TOKEN_LIFE: String(tokenLife / 1_000) })
const own = useOwnBrowser()

it('goes on after a sleep that its sessions and its tokens did not survive', async () => {
  const { server } = stage
  const { context } = own.browser
  const first = await openWindow(context, { url: server.url, provider: 'socket-io' })
  const second = await openWindow(context, { url: server.url, provider: 'sse' })
  const other = await openWindow(await stage.profile(), { url: server.url, person: 'grace' })
  const titles = [series('First', 100), series('Second', 100)] as const
  await Promise.all([first.addAll(titles[0]), second.addAll(titles[1])])
  await eventually(() => server.stored().length).toBeGreaterThan(0)

  await own.browser.sleep()
  const since = Date.now()
  await other.add('Grace')
  await other.allSaved()
  // By the clock that the hub goes by as well.
  await eventually(() => Date.now() - since).toBeGreaterThan(tokenLife + heartbeat)
  own.browser.wake()
  const all = [...titles.flat(), 'Grace']
  await first.allSaved()
  await second.allSaved()
  expect(server.stored().toSorted()).toEqual(all.toSorted())
  await expectOnce(server, all, first, second, other)
  await other.add('Awake')
  await expectOnce(server, [...all, 'Awake'], first, second, other)
})
