import { eventually } from 'demo-support/e2e'
import { expect, it } from 'vitest'
import { openWindow } from './support/browser.ts'
import { useStage } from './support/stage.ts'

const stage = useStage()

const openBoth = async () => {
  const { url } = stage.server
  const ada = await openWindow(await stage.profile(), { url, provider: 'socket-io', person: 'ada' })
  const grace = await openWindow(await stage.profile(), { url, provider: 'sse', person: 'grace' })
  return { ada, grace }
}

it('shows each change in the other window, whatever it came over', async () => {
  const { ada, grace } = await openBoth()
  await ada.add('Milk')
  await grace.row('Milk').waitFor()
  await grace.row('Milk').getByText('Added by Ada').waitFor()
  await grace.add('Bread')
  await eventually(ada.titles).toEqual(['Bread', 'Milk'])

  await ada.checkbox('Bread').check()
  await eventually(() => grace.checkbox('Bread').isChecked()).toBe(true)
  await grace.rename('Milk', 'Oat milk')
  await eventually(ada.titles).toEqual(['Bread', 'Oat milk'])
  await grace.remove('Bread')
  await eventually(ada.titles).toEqual(['Oat milk'])

  await Promise.all([ada.allSaved(), grace.allSaved()])
  expect(stage.server.stored()).toEqual(['Oat milk'])
})

it('goes on where it was when a window changes its provider', async () => {
  const { ada, grace } = await openBoth()
  await ada.add('Milk')
  await ada.page.getByRole('radio', { name: 'SSE' }).check()
  await ada.status.getByText('Connected over SSE').waitFor()
  expect(await ada.titles()).toEqual(['Milk'])
  await grace.add('Bread')
  await ada.add('Cheese')
  await eventually(async () => (await ada.titles()).toSorted()).toEqual(['Bread', 'Cheese', 'Milk'])
  await ada.page.reload()
  await ada.status.getByText('Connected over SSE').waitFor()
})

it('keeps one person’s unsent changes from the next', async () => {
  const { ada } = await openBoth()
  await ada.page.context().setOffline(true)
  await ada.status.getByText('Offline').waitFor()
  await ada.add('A secret of Ada’s')
  await ada.status.getByText('1 change waiting').waitFor()
  await ada.page.getByRole('radio', { name: 'Radia' }).check()
  await ada.allSaved()
  await eventually(ada.titles).toEqual([])

  await ada.page.context().setOffline(false)
  await ada.connected()
  expect(stage.server.stored()).toEqual([])
  await ada.page.getByRole('radio', { name: 'Ada' }).check()
  await eventually(() => stage.server.stored()).toEqual(['A secret of Ada’s'])
})
