import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { chromium } from 'playwright-core'
import { chromiumAdvice, findChromium } from '../../../setup/chromium.mjs'
import type { Times } from '../browser/callers.ts'
import type { sides } from '../browser/page.ts'
import { listen } from '../servers/listen.ts'
import { createScratch } from './scratch.ts'

export type Side = keyof typeof sides

/** The benchmark's page in a Chromium whose profile is on the workspace's disk. */
export interface BrowserPage {
  /** Writes and drains so many with one side, in a database of its own. */
  run(side: Side, count: number): Promise<Times>
  stop(): Promise<void>
}

const bundle = async (): Promise<string> => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../browser/page.ts', import.meta.url))],
    bundle: true,
    minify: true,
    format: 'esm',
    write: false,
    // Not the paths to source in our tsconfig.json: what is measured is what users get.
    tsconfigRaw: '{}',
  })
  return outputFiles[0]?.text ?? ''
}

export const openBrowserPage = async (): Promise<BrowserPage> => {
  const executablePath = findChromium()
  if (!executablePath) throw new Error(chromiumAdvice)
  const script = await bundle()
  const server = createServer((request, response) => {
    const isScript = request.url === '/page.js'
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
    response.end(isScript ? script : '<!doctype html><script type="module" src="/page.js"></script>')
  })
  const port = await listen(server)
  const scratch = createScratch()
  const browser = await chromium.launchPersistentContext(scratch.path, {
    executablePath,
    args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--no-first-run'],
  })
  let databases = 0
  return {
    run: async (side, count) => {
      const page = await browser.newPage()
      await page.goto(`http://127.0.0.1:${port}/`)
      await page.waitForFunction(() => 'sides' in globalThis)
      const times = await page.evaluate(
        ([which, name, many]) => (globalThis as unknown as { sides: typeof sides }).sides[which](name, many),
        [side, `bench-${++databases}`, count] as const,
      )
      await page.close()
      return times
    },
    stop: async () => {
      await browser.close()
      server.close()
      scratch.remove()
    },
  }
}
