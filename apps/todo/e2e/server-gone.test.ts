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

  const burst = Promise.all([ada.addAll(all.slice(0, 80)), grace.addAll(all.slice(100, 180))])
  await eventually(() => server.stored().length).toBeGreaterThan(20)
  await server.kill()
  await burst
  await Promise.all([ada.addAll(all.slice(80, 100)), grace.addAll(all.slice(180))])
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

  const tried = await status.evaluate(tryInPage)
  expect(tried.shown).toEqual([...tried.shown].sort((a, b) => b - a))
  expect(tried.after).toBe(tried.before + 1)
  expect(tried.milliseconds).toBeLessThan((tried.shown.at(-1)! - 1) * 1_000)

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

/**
 * In the page, where nothing comes in between: waits for a long wait and for its countdown to go on, presses the
 * button, and tells when the line spoke of a later try.
 */
const tryInPage = async (line: Element) => {
  const read = () => {
    const [, attempt = '0', seconds = '0'] = /try (\d+) in (\d+)\ss/.exec(line.textContent ?? '') ?? []
    return { attempt: Number(attempt), seconds: Number(seconds) }
  }
  const until = async (wanted: () => boolean) => {
    while (!wanted()) await new Promise((resolve) => setTimeout(resolve, 10))
  }
  await until(() => read().seconds >= 6)
  const { attempt: before, seconds } = read()
  await until(() => read().seconds < seconds)
  const shown = [seconds, read().seconds]
  const pressed = performance.now()
  for (const button of line.querySelectorAll('button')) if (button.textContent === 'Try now') button.click()
  await until(() => read().attempt > before)
  return { before, after: read().attempt, shown, milliseconds: performance.now() - pressed }
}
