import { expect, it } from 'vitest'
import { openWindow, type TodoWindow } from './support/browser.ts'
import { expectOnce } from './support/expect-once.ts'
import { freeze, thaw } from './support/freeze.ts'
import { useStage } from './support/stage.ts'
import { twoTabs } from './support/two-tabs.ts'
import { useOwnBrowser } from './support/use-own-browser.ts'

const stage = useStage({ TODO_HEARTBEAT: '1000' })
const each = 100
const own = useOwnBrowser()
const { openTabs, someArrived, missing } = twoTabs(stage)

/** Who has the lock of the part of the outbox that is this tab's: one and the same as long as nobody takes it. */
const holderOf = ({ page }: TodoWindow) =>
  page.evaluate(async () => {
    const [client] = sessionStorage.getItem('syncline:client')!.split(' ')
    const { held } = await navigator.locks.query()
    return held!.find(({ name }) => name!.endsWith(client!))!.clientId
  })

it('catches up and sends what it has when it was frozen while it drained', async () => {
  const { server } = stage
  const tabs = await openTabs({ context: own.browser.context })
  const { first, second, titles, all } = tabs
  const line = await someArrived(tabs)
  await first.page.bringToFront()
  await freeze(second.page)
  expect(missing(titles.second)).not.toEqual([])
  const other = await openWindow(await stage.profile(), { url: server.url, person: 'grace' })
  await first.add('From the other tab')
  await other.add('From somebody else')
  await first.row('From somebody else').waitFor()
  await other.row('From the other tab').waitFor()
  await first.allSaved()
  expect(missing(titles.second)).not.toEqual([])

  await thaw(second.page)
  line.letGo()
  await second.allSaved()
  expect(server.stored()).toEqual(expect.arrayContaining(all))
  await expectOnce(server, [...all, 'From the other tab', 'From somebody else'], first, second, other)
})

it('leaves what a frozen tab has to that tab, also when another one loads', async () => {
  const { server } = stage
  const { first, second, titles, all } = await openTabs({ each, context: own.browser.context })
  const holder = await holderOf(second)
  await first.page.bringToFront()
  await freeze(second.page)
  await server.start()
  await first.hurry()
  await first.allSaved()
  await first.page.reload()
  await first.connected()
  await first.allSaved()
  expect(server.stored()).toEqual(titles.first)
  expect(await second.status.textContent()).toContain(`${each} changes waiting`)

  await thaw(second.page)
  expect(await holderOf(second)).toBe(holder)
  await second.allSaved()
  expect(server.stored()).toEqual(all)
  await expectOnce(server, all, first, second)
})

it('hands what a frozen tab has to another one when it never comes back', async () => {
  const { server } = stage
  const { first, second, all } = await openTabs({ each, context: own.browser.context })
  await first.page.bringToFront()
  await freeze(second.page)
  await server.start()
  await first.hurry()
  await first.allSaved()
  await second.page.close()
  await expectOnce(server, all, first)
})
