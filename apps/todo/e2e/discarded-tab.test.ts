import { series } from 'demo-support/e2e'
import { expect, it } from 'vitest'
import { openWindow, todoWindow } from './support/browser.ts'
import { expectOnce } from './support/expect-once.ts'
import { useStage } from './support/stage.ts'
import { useOwnBrowser } from './support/use-own-browser.ts'

const stage = useStage()
const own = useOwnBrowser()

it('sends what waited in a discarded tab when the tab is chosen again', async () => {
  const { server } = stage
  const { context, tabs } = own.browser
  const window = await openWindow(context, { url: server.url })
  await server.kill()
  const titles = series('Ada', 50)
  await window.addAll(titles)
  await window.status.getByText('50 changes waiting').waitFor()

  const choose = await tabs.discard(window.page)
  await server.start()
  expect(server.stored()).toEqual([])
  const again = todoWindow(await choose())
  expect(await again.page.evaluate(() => Reflect.get(document, 'wasDiscarded'))).toBe(true)
  await again.allSaved()
  expect(server.stored()).toEqual(titles)
  await expectOnce(server, titles, again)
})

it('hands what a discarded tab had to another tab, and lets the tab go on', async () => {
  const { server } = stage
  const { context, tabs } = own.browser
  const window = await openWindow(context, { url: server.url, provider: 'sse' })
  const other = await openWindow(context, { url: server.url, provider: 'socket-io' })
  await server.kill()
  const titles = series('Ada', 100)
  await window.addAll(titles)
  await window.status.getByText('100 changes waiting').waitFor()

  const choose = await tabs.discard(window.page)
  await other.status.getByText('100 changes waiting').waitFor()
  await server.start()
  await expectOnce(server, titles, other)
  const again = todoWindow(await choose())
  await expectOnce(server, titles, again)
  await again.add('Later')
  await expectOnce(server, [...titles, 'Later'], again, other)
})
