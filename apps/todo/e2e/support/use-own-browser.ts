import { afterAll, afterEach, beforeAll } from 'vitest'
import { launchOwnBrowser, type OwnBrowser } from './own-browser.ts'

/** A browser of its own for the tests of a file; each finds its tabs closed, and its server is another origin. */
export const useOwnBrowser = (): { readonly browser: OwnBrowser } => {
  let browser: OwnBrowser
  beforeAll(async () => {
    browser = await launchOwnBrowser()
  })
  afterEach(() => browser.closeTabs())
  afterAll(() => browser.close())
  return {
    get browser() {
      return browser
    },
  }
}
