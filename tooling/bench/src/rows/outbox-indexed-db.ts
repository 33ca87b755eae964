import { alternate } from '../measure/alternate.ts'
import { type BrowserPage, openBrowserPage, type Side } from '../measure/browser-page.ts'
import { median } from '../measure/median.ts'
import type { Row } from '../row.ts'

const count = 10_000
const runs = 3

/** 10,000 writes of 1 kB made durable in Chromium, 32 callers at once, then drained. */
export const outboxIndexedDb: Row = {
  name: 'outbox.indexeddb',
  run: async () => {
    const page = await openBrowserPage()
    try {
      const idb = await compare(page, 'withIdb', count)
      const growth = await growthOf(page, 'ours')
      const bare = await growthOf(page, 'withGroups')
      // Last and once: it takes minutes, and longer for each write the more there are.
      const tanstack = await total(page, 'withTanstack', count)
      const write = idb('write')
      const drain = idb('drain')
      const mine = idb('total')
      const share = mine.value / tanstack.total
      return {
        name: 'outbox.indexeddb',
        unit: 'ms',
        ...write,
        target: 'ratio ≤ 0.2, drain ≤ 0.1, TanStack ≤ 0.1, linear',
        met: write.ratio <= 0.2 && drain.ratio <= 0.1 && share <= 0.1 && growth <= 2.6,
        also: [
          { name: 'drain', unit: 'ms', ...drain },
          {
            name: 'TanStack, written and drained',
            value: mine.value,
            unit: 'ms',
            baseline: tanstack.total,
            ratio: share,
            runs: 1,
          },
          {
            name: '20,000 against 10,000; bare groups of writes',
            value: growth,
            unit: '× the time',
            baseline: bare,
            ratio: growth / bare,
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
const growthOf = async (page: BrowserPage, side: Side): Promise<number> => {
  const once: number[] = []
  const twice: number[] = []
  for (let run = 0; run < runs; run++) {
    once.push((await total(page, side, count)).total)
    twice.push((await total(page, side, 2 * count)).total)
  }
  return median(twice) / median(once)
}
