import type { Page, Request } from 'playwright-core'

/**
 * A line to the server that takes one batch of writes from a tab over SSE, and nothing that the tab sends later until
 * it is let go.
 */
export const holdBack = async (page: Page) => {
  let hasWritten = false
  let letGo = () => {}
  const free = new Promise<void>((resolve) => {
    letGo = resolve
  })
  await page.route('**/syncline/sse/send', async (route) => {
    if (hasWritten) await free
    hasWritten ||= carriesWrites(route.request())
    await route.continue()
  })
  return { letGo }
}

const carriesWrites = (request: Request): boolean =>
  request.postDataJSON().frames.some((frame: { writes?: unknown[] }) => frame.writes?.length)
