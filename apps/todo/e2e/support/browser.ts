import type { BrowserContext, Page } from 'playwright-core'

interface WindowOptions {
  readonly url: string
  readonly provider?: 'socket-io' | 'sse'
  readonly person?: 'ada' | 'grace' | 'radia'
}

/** Opens the app in a tab, and waits until it is connected unless the page is to come up without a server. */
export const openWindow = async (context: BrowserContext, options: WindowOptions) => {
  const { url, provider = 'socket-io', person = 'ada' } = options
  const page = await context.newPage()
  await page.goto(`${url}/?provider=${provider}&as=${person}`)
  const todo = todoWindow(page)
  await todo.connected()
  return todo
}

/** The app as a person sees it: everything by role and name. */
export const todoWindow = (page: Page) => {
  // A machine that does much else besides takes its time.
  page.setDefaultTimeout(60_000)
  const status = page.getByRole('region', { name: 'Connection' })
  const rows = page.getByRole('list', { name: 'Todos' }).getByRole('listitem')
  const row = (title: string) =>
    rows.filter({ has: page.getByRole('checkbox', { name: title, exact: true }) })
  return {
    page,
    status,
    rows,
    row,
    checkbox: (title: string) => page.getByRole('checkbox', { name: title, exact: true }),
    parked: page.getByRole('region', { name: 'not saved' }),
    add: async (title: string) => {
      await page.getByRole('textbox', { name: 'New todo' }).fill(title)
      await page.keyboard.press('Enter')
    },
    /** As fast as the page takes them. */
    addAll: (titles: string[]) => page.evaluate(addInPage, titles),
    rename: async (title: string, next: string) => {
      await row(title).getByRole('button', { name: title, exact: true }).click()
      await page.getByRole('textbox', { name: `New title for ${title}` }).fill(next)
      await page.keyboard.press('Enter')
    },
    remove: (title: string) => page.getByRole('button', { name: `Delete ${title}`, exact: true }).click(),
    /** Newest first. */
    titles: () => rows.getByRole('checkbox').evaluateAll(namesOf),
    connected: () => status.getByText('Connected').waitFor(),
    /** As when the network comes back: whoever waits for the next try does not wait any longer. */
    hurry: () => page.evaluate(() => void dispatchEvent(new Event('online'))),
    /** Until this window has nothing left to send or to decide. */
    allSaved: () => status.getByText('Nothing waits in this window').waitFor({ timeout: 90_000 }),
    /** Until the page could load without its server. */
    cached: () => page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined)),
  }
}

export type TodoWindow = ReturnType<typeof todoWindow>

const namesOf = (boxes: Element[]) =>
  boxes.map((box) => document.getElementById(box.getAttribute('aria-labelledby') ?? '')?.textContent ?? '')

const addInPage = async (titles: string[]) => {
  const input = document.querySelector<HTMLInputElement>('#new-todo')!
  const { set } = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')!
  for (const [index, title] of titles.entries()) {
    // React looks at what the browser's own setter was told, and follows within a microtask.
    set!.call(input, title)
    input.dispatchEvent(new Event('input', { bubbles: true }))
    await Promise.resolve()
    input.form!.requestSubmit()
    if (index % 10 === 9) await new Promise((resolve) => setTimeout(resolve))
  }
}
