import { it } from 'vitest'
import { expectOnce } from './support/expect-once.ts'
import { useStage } from './support/stage.ts'
import { twoTabs } from './support/two-tabs.ts'

const stage = useStage()
const { openTabs, someArrived } = twoTabs(stage, 300)

it('sends the changes of a tab that is closed while it drains', async () => {
  const { first, second, all } = await openTabs()
  await someArrived(first, second)
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
