import { eventually, series } from 'demo-support/e2e'
import type { BrowserContext } from 'playwright-core'
import { openWindow, type TodoWindow } from './browser.ts'
import { holdBack } from './hold-back.ts'
import type { useStage } from './stage.ts'

interface TabsOptions {
  /** Changes that wait in each tab. Default: more than a client has on their way at once (256). */
  readonly each?: number
  /** Default: a profile of their own. */
  readonly context?: BrowserContext
}

/** Two tabs of one person in one profile, with changes that wait for the server. */
export const twoTabs = (stage: ReturnType<typeof useStage>) => {
  /** What the hub has not got. */
  const missing = (titles: readonly string[]): string[] => {
    const stored = new Set(stage.server.stored())
    return titles.filter((title) => !stored.has(title))
  }
  const openTabs = async ({ each = 300, context }: TabsOptions = {}) => {
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
  }
  /** Until the hub is back and has some of the second tab's; it gets no more than a batch before that one is let go. */
  const someArrived = async ({ first, second, titles }: Awaited<ReturnType<typeof openTabs>>) => {
    const line = await holdBack(second.page)
    await stage.server.start()
    await Promise.all([first.hurry(), second.hurry()])
    await eventually(() => missing(titles.second).length).toBeLessThan(titles.second.length)
    return line
  }
  return { openTabs, someArrived, missing }
}
