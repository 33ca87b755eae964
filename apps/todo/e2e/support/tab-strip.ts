import { join } from 'node:path'
import type { BrowserContext, CDPSession, Page } from 'playwright-core'

/** The part of the extension API (developer.chrome.com, "chrome.tabs") that is used here. */
declare const chrome: {
  readonly tabs: {
    query(filter: { active: true }): Promise<Tab[]>
    update(id: number, change: { active: true }): Promise<Tab>
    duplicate(id: number): Promise<Tab>
    discard(id: number): Promise<Tab>
  }
}

interface Tab {
  readonly id: number
}

/** What a person, or the browser's memory saver, does with tabs, and Playwright cannot: through an extension. */
export const openTabStrip = async (context: BrowserContext, devtools: CDPSession) => {
  const [extension] = await Promise.all([
    context.waitForEvent('serviceworker'),
    devtools.send('Extensions.loadUnpacked', { path: join(import.meta.dirname, 'extension') }),
  ])
  const [blank] = context.pages()
  const idOf = async (page: Page): Promise<number> => {
    await page.bringToFront()
    const [tab] = await extension.evaluate(() => chrome.tabs.query({ active: true }))
    return tab!.id
  }
  const opened = async (open: () => Promise<unknown>): Promise<Page> => {
    const [page] = await Promise.all([context.waitForEvent('page'), open()])
    await page.waitForLoadState()
    return page
  }
  return {
    duplicate: async (page: Page): Promise<Page> => {
      const id = await idOf(page)
      return opened(() => extension.evaluate((id) => chrome.tabs.duplicate(id), id))
    },
    /** The page is gone, its tab stays. Gives what happens when the tab is chosen again. */
    discard: async (page: Page): Promise<() => Promise<Page>> => {
      const id = await idOf(page)
      await blank!.bringToFront()
      const [tab] = await Promise.all([
        extension.evaluate((id) => chrome.tabs.discard(id), id),
        page.waitForEvent('close'),
      ])
      return () => opened(() => extension.evaluate((id) => chrome.tabs.update(id, { active: true }), tab.id))
    },
  }
}
