import { eventually, series } from 'demo-support/e2e'
import { expect, it } from 'vitest'
import { openWindow } from './support/browser.ts'
import { useStage } from './support/stage.ts'

const stage = useStage()

it('has all of 200 changes once, though the server was killed among them', async () => {
  const { server } = stage
  const ada = await openWindow(await stage.profile(), { url: server.url, provider: 'socket-io' })
  const grace = await openWindow(await stage.profile(), { url: server.url, provider: 'sse', person: 'grace' })
  const all = [...series('Ada', 100), ...series('Grace', 100)]

  const burst = Promise.all([ada.addAll(all.slice(0, 100)), grace.addAll(all.slice(100))])
  await eventually(() => server.stored().length).toBeGreaterThan(20)
  await server.kill()
  expect(server.stored().length).toBeLessThan(200)
  await burst
  await server.start()

  await Promise.all([ada.allSaved(), grace.allSaved()])
  expect(server.stored().toSorted()).toEqual(all.toSorted())
  await eventually(() => ada.rows.count()).toBe(200)
  await eventually(() => grace.rows.count()).toBe(200)
  const newestFirst = server.stored().toReversed()
  await eventually(ada.titles).toEqual(newestFirst)
  await eventually(grace.titles).toEqual(newestFirst)
})

it('says when it tries again, and tries now if told to', async () => {
  const { server } = stage
  const { status, connected, page } = await openWindow(await stage.profile(), { url: server.url })
  const tryNow = status.getByRole('button', { name: 'Try now' })
  expect(await tryNow.isVisible()).toBe(false)
  await server.kill()

  const longWait = status.getByText(/^Reconnecting: try \d+ in ([6-9]|\d\d)\ss$/)
  await longWait.waitFor({ timeout: 90_000 })
  const [attempt, seconds] = (await longWait.textContent())!.match(/\d+/g)!.map(Number)
  await status.getByText(`in ${seconds! - 1} s`).waitFor()
  const clicked = performance.now()
  await tryNow.click()
  await status.getByText(`Reconnecting: try ${attempt! + 1} in`).waitFor()
  expect(performance.now() - clicked).toBeLessThan((seconds! - 2) * 1_000)

  await server.start()
  await connected()
  expect(await tryNow.isVisible()).toBe(false)
  expect(await page.getByRole('status').first().textContent()).toBe('Connected over Socket.IO')
})

it('stops cleanly and has the list at the next start', async () => {
  const { server } = stage
  const window = await openWindow(await stage.profile(), { url: server.url, provider: 'sse' })
  await window.add('Milk')
  await window.allSaved()
  expect(await server.stop()).toBe(0)
  await server.start()
  await window.connected()
  await window.add('Bread')
  await window.allSaved()
  expect(server.stored()).toEqual(['Milk', 'Bread'])
})

it('leaves a list to the process that serves it', async () => {
  const { server } = stage
  await expect(server.start()).rejects.toThrow('Another process serves')
})
