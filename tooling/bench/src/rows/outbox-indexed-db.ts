import { alternate } from '../measure/alternate.ts'
import { type BrowserPage, openBrowserPage, type Side } from '../measure/browser-page.ts'
import { median } from '../measure/median.ts'
import type { Row } from '../row.ts'

const count = 10_000
const runs = 3
/** @tanstack/offline-transactions takes longer for each write the more there are: fewer, in its favour. */
const fewer = 3_000

/** 10,000 writes of 1 kB made durable in Chromium, 32 callers at once, then drained. */
export const outboxIndexedDb: Row = {
  name: 'outbox.indexeddb',
  run: async () => {
    const page = await openBrowserPage()
    try {
      const idb = await compare(page, 'withIdb', count)
      const tanstack = await compare(page, 'withTanstack', fewer)
      const growth = await growthOf(page)
      const write = idb('write')
      const drain = idb('drain')
      const other = tanstack('total')
      return {
        name: 'outbox.indexeddb',
        unit: 'ms',
        ...write,
        target: 'ratio ≤ 0.2, drain ≤ 0.1, TanStack ≤ 0.1, linear',
        met: write.ratio <= 0.2 && drain.ratio <= 0.1 && other.ratio <= 0.1 && growth <= 2.6,
        also: [
          { name: 'drain', unit: 'ms', ...drain },
          { name: 'TanStack, 3,000 written and drained', unit: 'ms', ...other },
          { name: 'TanStack, 3,000 written', unit: 'ms', ...tanstack('write') },
          {
            name: '20,000 against 10,000',
            value: growth,
            unit: '× the time',
            baseline: null,
            ratio: null,
            runs,
          },
        ],
      }
    } finally {
      await page.stop()
    }
  },
}

const total = async (page: BrowserPage, side: Side, many: number) => {
  const { write, drain } = await page.run(side, many)
  return { write, drain, total: write + drain }
}

const compare = (page: BrowserPage, side: Side, many: number) =>
  alternate(runs, { ours: () => total(page, 'ours', many), baseline: () => total(page, side, many) })

/** How much longer twice as many writes take: 2 where it is linear. */
const growthOf = async (page: BrowserPage): Promise<number> => {
  const once: number[] = []
  const twice: number[] = []
  for (let run = 0; run < runs; run++) {
    once.push((await total(page, 'ours', count)).total)
    twice.push((await total(page, 'ours', 2 * count)).total)
  }
  return median(twice) / median(once)
}
