import { readFile } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import next from 'next'

/** A demo's page, served by Next. */
export interface DemoPage {
  /** Answers what is the page's: all but the hub. */
  readonly serve: RequestListener
  close(): Promise<void>
}

/**
 * Starts what `next build` left in the app's folder; with `--dev` on the command line, what is in its sources, anew
 * after each change. The service worker that keeps the page is the same for all.
 */
export const startPage = async (folder: string): Promise<DemoPage> => {
  const dev = process.argv.includes('--dev')
  Object.assign(process.env, { NODE_ENV: dev ? 'development' : 'production' })
  const app = next({ dev, dir: folder })
  await app.prepare()
  const page = app.getRequestHandler()
  const worker = await readFile(join(import.meta.dirname, 'service-worker.js'))
  return {
    serve: (request, response) => {
      if (!request.url?.startsWith('/service-worker.js')) return void page(request, response)
      response.writeHead(200, {
        'content-type': 'text/javascript; charset=utf-8',
        'cache-control': 'no-cache',
      })
      response.end(worker)
    },
    close: () => app.close(),
  }
}
