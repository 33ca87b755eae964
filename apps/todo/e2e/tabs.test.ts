import { expect, it } from 'vitest'
import { expectOnce } from './support/expect-once.ts'
import { useStage } from './support/stage.ts'
import { twoTabs } from './support/two-tabs.ts'

const stage = useStage()
const { openTabs, someArrived, missing } = twoTabs(stage)

it('sends the changes of a tab that is closed while it drains', async () => {
  const tabs = await openTabs()
  const { first, second, titles, all } = tabs
  await someArrived(tabs)
  // Nothing of it can arrive from here on, unless by way of the other tab.
  expect(missing(titles.second)).not.toEqual([])
  await second.page.close()
  await expectOnce(stage.server, all, first)
})

it('sends the changes of a tab that was closed before the server came back', async () => {
  const { first, second, all } = await openTabs()
  await second.page.close()
  await stage.server.start()
  await first.hurry()
  await expectOnce(stage.server, all, first)
})
