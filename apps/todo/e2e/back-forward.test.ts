import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { eventually, series } from 'demo-support/e2e'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openWindow } from './support/browser.ts'
import { expectOnce } from './support/expect-once.ts'
import { useStage } from './support/stage.ts'
import { useOwnBrowser } from './support/use-own-browser.ts'

const stage = useStage()
const own = useOwnBrowser()

let elsewhere: Server
const addressOf = (server: Server) => `http://localhost:${(server.address() as AddressInfo).port}/`
beforeAll(async () => {
  elsewhere = createServer((_, response) => response.end('Elsewhere')).listen(0)
  await once(elsewhere, 'listening')
})
afterAll(() => void elsewhere.close())

/** A window with changes that wait for the server. */
const openWaiting = async () => {
  const { server } = stage
  const window = await openWindow(own.browser.context, { url: server.url })
  await window.cached()
  await server.kill()
  const titles = series('Ada', 50)
  await window.addAll(titles)
  await window.status.getByText('50 changes waiting').waitFor()
  return { window, titles }
}

it('goes on where it was when it comes back from the back/forward cache', async () => {
  const { server } = stage
  const { window, titles } = await openWaiting()
  await window.page.evaluate(() => Reflect.set(globalThis, 'cached', true))
  await window.page.goto(addressOf(elsewhere))
  await server.start()
  const other = await openWindow(await stage.profile(), { url: server.url, person: 'grace' })
  await other.add('Grace')
  await other.allSaved()
  expect(server.stored()).toEqual(['Grace'])

  // Not `goBack`: it waits for the page to load, and nothing is loaded.
  await window.page.evaluate(() => history.back())
  await eventually(() => window.page.evaluate(() => Reflect.get(globalThis, 'cached'))).toBe(true)
  await window.allSaved()
  expect(server.stored()).toEqual(['Grace', ...titles])
  await expectOnce(server, ['Grace', ...titles], window, other)
})

it('hands what waits in the back/forward cache to a page that is opened meanwhile', async () => {
  const { server } = stage
  const { window, titles } = await openWaiting()
  await window.page.goto(`${server.url}/?provider=sse&as=ada`)
  await window.status.getByText('50 changes waiting').waitFor()
  await window.add('Later')
  await server.start()
  await expectOnce(server, [...titles, 'Later'], window)

  await window.page.goBack()
  await window.connected()
  await expectOnce(server, [...titles, 'Later'], window)
})
