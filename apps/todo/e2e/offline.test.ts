import { eventually } from 'demo-support/e2e'
import { expect, it } from 'vitest'
import { openWindow, type TodoWindow } from './support/browser.ts'
import { useStage } from './support/stage.ts'

const stage = useStage()

const openBoth = async () => {
  const { url } = stage.server
  const window = await openWindow(await stage.profile(), { url, provider: 'sse' })
  const other = await openWindow(await stage.profile(), { url, provider: 'socket-io', person: 'grace' })
  await window.add('Milk')
  await window.add('Bread')
  await eventually(other.titles).toEqual(['Bread', 'Milk'])
  await window.allSaved()
  await window.cached()
  return { window, other }
}

const edit = async (window: TodoWindow) => {
  await window.add('Cheese')
  await window.checkbox('Milk').check()
  await window.rename('Bread', 'Brown bread')
  await window.remove('Milk')
  await window.status.getByText('4 changes waiting').waitFor()
}

const expectEdits = async (window: TodoWindow) => {
  await window.status.getByText('4 changes waiting').waitFor()
  await eventually(window.titles).toEqual(['Cheese', 'Brown bread'])
  await window.row('Cheese').getByText('waiting').waitFor()
}

const expectArrival = async (window: TodoWindow, other: TodoWindow) => {
  await window.allSaved()
  await eventually(other.titles).toEqual(['Cheese', 'Brown bread'])
  await eventually(window.titles).toEqual(['Cheese', 'Brown bread'])
  expect(stage.server.stored()).toEqual(['Brown bread', 'Cheese'])
}

it('keeps what was changed without a network over a reload, and sends it once', async () => {
  const { window, other } = await openBoth()
  await window.page.context().setOffline(true)
  await window.status.getByText('Offline').waitFor()
  await edit(window)
  await window.page.reload()
  await expectEdits(window)
  const icon = window.page.locator('link[rel="icon"]')
  expect(await icon.evaluate(async ({ href }: HTMLLinkElement) => (await fetch(href)).ok)).toBe(true)

  await window.page.context().setOffline(false)
  await expectArrival(window, other)
})

it('keeps what was changed without a server over a reload, and sends it once', async () => {
  const { window, other } = await openBoth()
  await stage.server.kill()
  await window.status.getByText('Reconnecting').waitFor()
  await edit(window)
  await window.page.reload()
  await expectEdits(window)
  await window.status.getByText('Reconnecting').waitFor()

  await stage.server.start()
  await expectArrival(window, other)
})

it('shows what somebody adds who has never seen the list', async () => {
  const { window, other } = await openBoth()
  await window.page.context().setOffline(true)
  await window.status.getByText('Offline').waitFor()
  await window.page.getByRole('radio', { name: 'Radia' }).check()
  await window.page.getByText('The list comes once you are online').waitFor()
  await window.add('Cheese')
  await window.page.getByRole('listitem').getByText('Add “Cheese”').waitFor()

  await window.page.context().setOffline(false)
  await eventually(window.titles).toEqual(['Cheese', 'Bread', 'Milk'])
  await eventually(other.titles).toEqual(['Cheese', 'Bread', 'Milk'])
})
