import { eventually, series } from 'demo-support/e2e'
import { expect, it } from 'vitest'
import { openWindow, type TodoWindow } from './support/browser.ts'
import { useStage } from './support/stage.ts'

const stage = useStage()

const each = 300

/** Two tabs of one person in one profile, each with changes that wait for the server. */
const openTabs = async () => {
  const { server } = stage
  const profile = await stage.profile()
  const first = await openWindow(profile, { url: server.url, provider: 'socket-io' })
  const second = await openWindow(profile, { url: server.url, provider: 'sse' })
  await server.kill()
  const add = async (tab: TodoWindow, titles: string[]) => {
    await tab.status.getByText('Reconnecting').waitFor()
    await tab.addAll(titles)
    await tab.status.getByText(`${each} changes waiting`).waitFor()
    return titles
  }
  const all = [...(await add(first, series('First', each))), ...(await add(second, series('Second', each)))]
  return { first, second, all: all.toSorted() }
}

/** Until the hub is back and has some of it, and no longer. */
const someArrived = async (...tabs: TodoWindow[]) => {
  await stage.server.start()
  await Promise.all(tabs.map((tab) => tab.hurry()))
  await eventually(() => stage.server.stored().length).toBeGreaterThan(0)
}

const expectAllOnce = async (tab: TodoWindow, all: string[]) => {
  await eventually(() => stage.server.stored().length).toBe(all.length)
  await tab.allSaved()
  await eventually(async () => (await tab.titles()).toSorted()).toEqual(all)
  expect(stage.server.stored().toSorted()).toEqual(all)
}

const setLife = async ({ page }: TodoWindow, state: 'active' | 'frozen') => {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Page.setWebLifecycleState', { state })
}

it('sends the changes of a tab that is closed while it drains', async () => {
  const { first, second, all } = await openTabs()
  await someArrived(first, second)
  await second.page.close()
  await expectAllOnce(first, all)
})

it('sends the changes of a tab that was closed before the server came back', async () => {
  const { first, second, all } = await openTabs()
  await second.page.close()
  await stage.server.start()
  await first.hurry()
  await expectAllOnce(first, all)
})

it('sends the changes of a tab that was frozen while it drained', async () => {
  const { first, second, all } = await openTabs()
  await someArrived(first, second)
  await setLife(second, 'frozen')
  await first.allSaved()
  await setLife(second, 'active')
  await expectAllOnce(second, all)
  await expectAllOnce(first, all)
})

it('sends the changes of a tab that was frozen and never came back', async () => {
  const { first, second, all } = await openTabs()
  await setLife(second, 'frozen')
  await stage.server.start()
  await first.hurry()
  await first.allSaved()
  await second.page.close()
  await expectAllOnce(first, all)
})
