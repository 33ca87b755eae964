import { createTcpProxy, type TcpProxy } from '@syncline/testing'
import { eventually } from 'demo-support/e2e'
import { afterEach, beforeEach, it } from 'vitest'
import { openWindow } from './support/browser.ts'
import { expectOnce } from './support/expect-once.ts'
import { useStage } from './support/stage.ts'
import { useOwnBrowser } from './support/use-own-browser.ts'

const heartbeat = 1_000
const stage = useStage({ TODO_HEARTBEAT: String(heartbeat) })
const own = useOwnBrowser()

let network: TcpProxy
beforeEach(async () => {
  network = await createTcpProxy({ target: () => Number(new URL(stage.server.url).port) })
})
afterEach(() => network.close())

it('notices that the network has forgotten it while it slept', async () => {
  const { server } = stage
  const window = await openWindow(own.browser.context, { url: `http://localhost:${network.port}` })
  const other = await openWindow(await stage.profile(), { url: server.url, person: 'grace' })
  await own.browser.sleep()
  network.pause()
  const since = Date.now()
  await other.add('Grace')
  await eventually(() => Date.now() - since).toBeGreaterThan(3 * heartbeat)
  own.browser.wake()
  await window.add('Ada')
  await window.row('Grace').waitFor()
  await expectOnce(server, ['Grace', 'Ada'], window, other)
})
