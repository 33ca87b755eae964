import { expect, it } from 'vitest'
import { openWindow, type TodoWindow } from './support/browser.ts'
import { expectOnce } from './support/expect-once.ts'
import { useStage } from './support/stage.ts'
import { twoTabs } from './support/two-tabs.ts'

const stage = useStage({ TODO_HEARTBEAT: '1000' })
const each = 100
const { openTabs, someArrived } = twoTabs(stage, each)

/** As the browser does with tabs that nobody looks at: no task of the page runs until it is active again. */
const setLife = async ({ page }: TodoWindow, state: 'active' | 'frozen') => {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Page.setWebLifecycleState', { state })
}

/** Who has the lock of the part of the outbox that is this tab's: one and the same as long as nobody takes it. */
const holderOf = ({ page }: TodoWindow) =>
  page.evaluate(async () => {
    const [client] = sessionStorage.getItem('syncline:client')!.split(' ')
    const { held } = await navigator.locks.query()
    return held!.find(({ name }) => name!.endsWith(client!))!.clientId
  })

it('catches up and sends what it has when it was frozen while it drained', async () => {
  const { server } = stage
  const { first, second, all } = await openTabs()
  await someArrived(first, second)
  await setLife(second, 'frozen')
  const other = await openWindow(await stage.profile(), { url: server.url, person: 'grace' })
  await first.add('From the other tab')
  await other.add('From somebody else')
  await first.row('From somebody else').waitFor()
  await other.row('From the other tab').waitFor()
  await first.allSaved()

  await setLife(second, 'active')
  await second.allSaved()
  expect(server.stored()).toEqual(expect.arrayContaining(all))
  await expectOnce(server, [...all, 'From the other tab', 'From somebody else'], first, second, other)
})

it('leaves what a frozen tab has to that tab, also when another one loads', async () => {
  const { server } = stage
  const { first, second, titles, all } = await openTabs()
  const holder = await holderOf(second)
  await setLife(second, 'frozen')
  await server.start()
  await first.hurry()
  await first.allSaved()
  await first.page.reload()
  await first.connected()
  await first.allSaved()
  expect(server.stored()).toEqual(titles.first)
  expect(await second.status.textContent()).toContain(`${each} changes waiting`)

  await setLife(second, 'active')
  expect(await holderOf(second)).toBe(holder)
  await second.allSaved()
  expect(server.stored()).toEqual(all)
  await expectOnce(server, all, first, second)
})

it('hands what a frozen tab has to another one when it never comes back', async () => {
  const { server } = stage
  const { first, second, all } = await openTabs()
  await setLife(second, 'frozen')
  await server.start()
  await first.hurry()
  await first.allSaved()
  await second.page.close()
  await expectOnce(server, all, first)
})
