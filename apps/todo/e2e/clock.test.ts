import { expect, it } from 'vitest'
import { openWindow, type TodoWindow } from './support/browser.ts'
import { expectOnce } from './support/expect-once.ts'
import { useStage } from './support/stage.ts'

const stage = useStage({ TODO_HEARTBEAT: '1000' })

const hours = (count: number) => count * 60 * 60_000

/** What happens to the clock of a page, and of no one else, for the first or the second time. */
const jumps = {
  late: ({ page }: TodoWindow) => page.clock.fastForward(hours(3)),
  ahead: ({ page }: TodoWindow, time: number) => page.clock.setSystemTime(Date.now() + hours(3 * time)),
  back: ({ page }: TodoWindow, time: number) => page.clock.setSystemTime(Date.now() - hours(3 * time)),
}

const openWithClock = async () => {
  const profile = await stage.profile()
  await profile.clock.install()
  return openWindow(profile, { url: stage.server.url, provider: 'sse' })
}

/** Gives the seconds that the status line has promised since: each of its countdowns. */
const watchCountdowns = async ({ page, status }: TodoWindow) => {
  const texts = await status.evaluateHandle((line) => {
    const seen: string[] = []
    const note = () => void seen.push(line.textContent ?? '')
    new MutationObserver(note).observe(line, { subtree: true, childList: true, characterData: true })
    return seen
  })
  return async () => {
    const seen = await page.evaluate((seen) => seen, texts)
    return seen.flatMap((text) => /in (\d+)\ss/.exec(text)?.slice(1).map(Number) ?? [])
  }
}

it('loses nothing when the clock jumps by hours, connected or not', async () => {
  const { server } = stage
  const other = await openWindow(await stage.profile(), { url: server.url, person: 'grace' })
  const windows = await Promise.all(
    Object.entries(jumps).map(async ([name, jump]) => ({ name, jump, window: await openWithClock() })),
  )

  const askedForToken = new Set<string>()
  for (const { window, name } of windows)
    window.page.on('request', (request) => {
      if (request.url().endsWith('/api/token')) askedForToken.add(name)
    })

  await Promise.all(windows.map(({ window, jump }) => jump(window, 1)))
  await other.add('Grace')
  for (const { window, name } of windows) {
    await window.row('Grace').waitFor()
    await window.add(name)
    await other.row(name).waitFor()
  }

  const countdowns = await Promise.all(windows.map(({ window }) => watchCountdowns(window)))
  await server.kill()
  for (const { window, jump, name } of windows) {
    await window.status.getByText('Reconnecting').waitFor()
    await jump(window, 2)
    await window.add(`${name}, waiting`)
    await window.status.getByText('1 change waiting').waitFor()
  }
  await server.start()
  const names = Object.keys(jumps)
  const all = ['Grace', ...names, ...names.map((name) => `${name}, waiting`)]
  await expectOnce(server, all, other, ...windows.map(({ window }) => window))
  expect([...askedForToken]).toEqual(expect.arrayContaining(['late', 'ahead']))
  for (const seconds of await Promise.all(countdowns.map((read) => read()))) {
    expect(seconds).not.toEqual([])
    expect(Math.max(...seconds)).toBeLessThanOrEqual(30)
  }
})
