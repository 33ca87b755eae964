import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromiumOptions } from 'demo-support/e2e'
import { type CDPSession, chromium } from 'playwright-core'
import { openTabStrip } from './tab-strip.ts'

/** A Chromium as a person has it: with a profile on disk, a tab strip and the back/forward cache. */
export const launchOwnBrowser = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'profile-'))
  const { executablePath, args } = chromiumOptions()
  const context = await chromium.launchPersistentContext(folder, {
    executablePath,
    args: [...args, '--enable-unsafe-extension-debugging'],
    ignoreDefaultArgs: ['--disable-back-forward-cache', '--disable-extensions'],
  })
  const devtools = await context.browser()!.newBrowserCDPSession()
  const tabs = await openTabStrip(context, devtools)
  let stopped: readonly number[] = []

  /** Stops every process of the browser, as a machine that goes to sleep does. */
  const sleep = async () => {
    stopped = await processesOf(devtools)
    for (const id of stopped) process.kill(id, 'SIGSTOP')
  }
  const wake = () => {
    for (const id of stopped) process.kill(id, 'SIGCONT')
    stopped = []
  }
  /** All but the first, which is empty. */
  const closeTabs = async () => {
    wake()
    await Promise.all(
      context
        .pages()
        .slice(1)
        .map((page) => page.close()),
    )
  }
  const close = async () => {
    wake()
    await context.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  }
  return { context, tabs, sleep, wake, closeTabs, close }
}

export type OwnBrowser = Awaited<ReturnType<typeof launchOwnBrowser>>

const processesOf = async (devtools: CDPSession): Promise<readonly number[]> => {
  const { processInfo } = await devtools.send('SystemInfo.getProcessInfo')
  return processInfo.map(({ id }) => id)
}
