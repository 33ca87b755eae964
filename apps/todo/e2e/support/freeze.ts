import type { Page } from 'playwright-core'

/** As the browser does with tabs that nobody looks at: from here on no task of the page runs. */
export const freeze = async (page: Page): Promise<void> => {
  await page.evaluate(() => {
    const note = () => document.documentElement.setAttribute('data-frozen', '')
    document.addEventListener('freeze', note, { once: true })
  })
  await holdVisible(page, false)
  await setLife(page, 'frozen')
  // Chromium says nothing when it will not freeze a page.
  await page.locator('html[data-frozen]').waitFor({ state: 'attached' })
}

/** As when its tab is chosen again. */
export const thaw = async (page: Page): Promise<void> => {
  await setLife(page, 'active')
  await holdVisible(page, true)
  await page.bringToFront()
}

const setLife = async (page: Page, state: 'active' | 'frozen') => {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Page.setWebLifecycleState', { state })
  await devtools.detach()
}

/**
 * Playwright holds every page visible, in the background too, and a page that is visible is not frozen. Only the
 * session that asked for it can take it back, and that one is Playwright's own.
 */
const holdVisible = async (page: Page, enabled: boolean) => {
  const { toImpl } = Reflect.get(page, '_connection')
  await toImpl(page).delegate._mainFrameSession._client.send('Emulation.setFocusEmulationEnabled', {
    enabled,
  })
}
