import type { BrowserContext, Locator, Page } from 'playwright-core'

export const providers = { 'socket-io': 'Socket.IO', sse: 'SSE', pusher: 'Pusher', ably: 'Ably' } as const
export type Provider = keyof typeof providers

interface WindowOptions {
  readonly url: string
  readonly provider?: Provider
  readonly person?: string
}

/** Opens the board in a tab, and waits until it is connected. */
export const openWindow = async (context: BrowserContext, options: WindowOptions) => {
  const { url, provider = 'socket-io', person = 'Ada' } = options
  const page = await context.newPage()
  await page.goto(`${url}/?board=test&provider=${provider}&as=${person}`)
  const window = boardWindow(page)
  await window.connected(provider)
  return window
}

/** Where on the board: as shares of its width and height. */
export type Place = readonly [x: number, y: number]

/** The app as a person sees it: everything by role and name. */
export const boardWindow = (page: Page) => {
  // A machine that does much else besides takes its time.
  page.setDefaultTimeout(60_000)
  const status = page.getByRole('region', { name: 'Connection' })
  const people = page.getByRole('region', { name: 'People' }).getByRole('listitem')
  const sheet = page.getByRole('application')
  const message = page.getByRole('textbox', { name: 'Message' })
  const moveTo = async ([x, y]: Place) => {
    const { x: left, y: top, width, height } = (await sheet.boundingBox())!
    await page.mouse.move(left + x * width, top + y * height, { steps: 4 })
  }
  return {
    page,
    status,
    sheet,
    message,
    moveTo,
    draw: async (...places: Place[]) => {
      const [first, ...rest] = places
      await moveTo(first!)
      await page.mouse.down()
      for (const place of rest) await moveTo(place)
      await page.mouse.up()
    },
    say: async (text: string) => {
      await message.fill(text)
      await page.keyboard.press('Enter')
    },
    choose: (provider: Provider) => page.getByRole('radio', { name: providers[provider] }).check(),
    /** The paths of the strokes, oldest first. */
    strokes: () => page.locator('.stroke[d]:not([d=""])').evaluateAll(pathsOf),
    messages: () => page.getByRole('log').locator('.text').allTextContents(),
    /** Who is here, each with the providers of their windows, by name. */
    people: async () => (await texts(people)).map((text) => text.replace(' (you)', '')).sort(),
    /** The cursor of that person, as it is drawn. */
    cursor: (person: string) => page.locator('.cursors li').filter({ hasText: person }),
    typing: () => page.locator('.typing').textContent(),
    connected: (provider: Provider) => status.getByText(`Connected over ${providers[provider]}`).waitFor(),
    /** Until this window has nothing left to send. */
    allSaved: () => status.getByText('Nothing waits in this window').waitFor({ timeout: 90_000 }),
    /** As when the network comes back: whoever waits for the next try does not wait any longer. */
    hurry: () => page.evaluate(() => void dispatchEvent(new Event('online'))),
    /** Until the page could load without its server. */
    cached: () => page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined)),
  }
}

export type BoardWindow = ReturnType<typeof boardWindow>

const pathsOf = (paths: Element[]) => paths.map((path) => path.getAttribute('d'))

const texts = (items: Locator) =>
  items.evaluateAll((all) => all.map((item) => item.getAttribute('title') ?? ''))
