import { eventually, series } from 'demo-support/e2e'
import type { BrowserContext } from 'playwright-core'
import { openWindow, type TodoWindow } from './browser.ts'
import type { useStage } from './stage.ts'

/** Two tabs of one person in one profile, each with this many changes that wait for the server. */
export const twoTabs = (stage: ReturnType<typeof useStage>, each: number) => ({
  openTabs: async (context?: BrowserContext) => {
    const { server } = stage
    const profile = context ?? (await stage.profile())
    const first = await openWindow(profile, { url: server.url, provider: 'socket-io' })
    const second = await openWindow(profile, { url: server.url, provider: 'sse' })
    await server.kill()
    const add = async (tab: TodoWindow, titles: string[]) => {
      await tab.status.getByText('Reconnecting').waitFor()
      await tab.addAll(titles)
      await tab.status.getByText(`${each} changes waiting`).waitFor()
      return titles
    }
    const titles = {
      first: await add(first, series('First', each)),
      second: await add(second, series('Second', each)),
    }
    return { first, second, titles, all: [...titles.first, ...titles.second] }
  },
  /** Until the hub is back and has some of it, and no longer. */
  someArrived: async (...tabs: TodoWindow[]) => {
    await stage.server.start()
    await Promise.all(tabs.map((tab) => tab.hurry()))
    await eventually(() => stage.server.stored().length).toBeGreaterThan(0)
  },
})
