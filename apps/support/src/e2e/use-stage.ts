import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { launchBrowser } from './launch-browser.ts'

/** For each test a fresh server, and browser profiles that are closed afterwards. */
export const useStage = <Server extends { dispose(): Promise<void> }>(start: () => Promise<Server>) => {
  let browser: Browser
  let server: Server | undefined
  const profiles: BrowserContext[] = []
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  beforeEach(async () => {
    server = await start()
  })
  afterEach(async () => {
    await Promise.all(profiles.splice(0).map((profile) => profile.close()))
    await server?.dispose()
    server = undefined
  })
  afterAll(() => browser.close())
  return {
    get server() {
      return server!
    },
    /** A browser profile: its tabs share storage, and nothing with others. */
    profile: async (options: Parameters<Browser['newContext']>[0] = {}) => {
      const profile = await browser.newContext(options)
      profiles.push(profile)
      return profile
    },
  }
}
