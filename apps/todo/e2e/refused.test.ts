import { eventually } from 'demo-support/e2e'
import { expect, it } from 'vitest'
import { openWindow } from './support/browser.ts'
import { useStage } from './support/stage.ts'

const stage = useStage()

/** Adds three at once, of which the hub refuses the second: its title is taken. */
const addThree = async () => {
  const window = await openWindow(await stage.profile(), { url: stage.server.url })
  await window.add('Milk')
  await window.allSaved()
  await stage.server.kill()
  await window.status.getByText('Reconnecting').waitFor()
  for (const title of ['Bread', 'Milk', 'Cheese']) await window.add(title)
  await window.checkbox('Bread').check()
  await eventually(window.titles).toEqual(['Cheese', 'Milk', 'Bread', 'Milk'])
  await stage.server.start()
  await window.hurry()
  await window.parked.getByText('“Milk” is on the list already.').waitFor({ timeout: 60_000 })
  return window
}

it('takes back what is refused and nothing else, and says why', async () => {
  const window = await addThree()
  await eventually(window.titles).toEqual(['Cheese', 'Bread', 'Milk'])
  expect(await window.checkbox('Bread').isChecked()).toBe(true)
  await window.status.getByText('1 not saved').waitFor()
  await window.parked.getByText('Add “Milk”').waitFor()
  expect(stage.server.stored()).toEqual(['Milk', 'Bread', 'Cheese'])

  await window.page.reload()
  await window.parked.getByText('“Milk” is on the list already.').waitFor()
})

it('sends a refused change again once it was edited', async () => {
  const window = await addThree()
  await window.parked.getByRole('textbox').fill('Oat milk')
  await window.parked.getByRole('button', { name: 'Retry' }).click()
  await window.allSaved()
  await eventually(window.titles).toEqual(['Oat milk', 'Cheese', 'Bread', 'Milk'])
  expect(stage.server.stored()).toEqual(['Milk', 'Bread', 'Cheese', 'Oat milk'])
  await window.parked.waitFor({ state: 'detached' })
})

it('forgets a refused change that is discarded', async () => {
  const window = await addThree()
  await window.page.getByRole('status').getByText('is on the list already').waitFor({ state: 'attached' })
  await window.parked.getByRole('button', { name: 'Discard' }).click()
  await window.parked.waitFor({ state: 'detached' })
  expect(await window.page.evaluate(() => document.activeElement?.id)).toBe('new-todo')
  expect(await window.page.getByRole('status').allTextContents()).toEqual(['Connected over Socket.IO', ''])
  await window.allSaved()
  await window.page.reload()
  await window.allSaved()
  expect(await window.parked.count()).toBe(0)
  expect(await window.titles()).toEqual(['Cheese', 'Bread', 'Milk'])
})

it('hands out what is not saved as a file', async () => {
  const window = await addThree()
  const download = window.page.waitForEvent('download')
  await window.status.getByRole('button', { name: 'Export' }).click()
  const chunks: Buffer[] = []
  for await (const chunk of await (await download).createReadStream()) chunks.push(chunk)
  expect(JSON.stringify(JSON.parse(Buffer.concat(chunks).toString()))).toContain('"title":"Milk"')
})

it('discards with a refused todo what was done to it', async () => {
  const window = await openWindow(await stage.profile(), { url: stage.server.url })
  await window.add('Milk')
  await window.allSaved()
  await stage.server.kill()
  await window.status.getByText('Reconnecting').waitFor()
  await window.add('Milk')
  await window.rows.first().getByRole('checkbox').check()
  await window.rows.first().getByRole('button', { name: 'Delete' }).click()
  await stage.server.start()
  await window.hurry()
  await window.parked.getByText('Holds back 2 more changes to it.').waitFor({ timeout: 60_000 })
  await window.parked.getByRole('button', { name: 'Discard all 3' }).click()
  await window.allSaved()
  expect(await window.parked.count()).toBe(0)
  expect(await window.titles()).toEqual(['Milk'])
})

it('says what waits for a refused name, and lets go of it for another one', async () => {
  const window = await openWindow(await stage.profile(), { url: stage.server.url })
  await window.add('Milk')
  await window.add('Bread')
  await window.allSaved()
  await window.rename('Bread', 'Milk')
  await window.parked.getByText('Rename “Bread” to “Milk”').waitFor()
  await window.checkbox('Bread').check()
  await window.parked.getByText('Holds back 1 more change to it.').waitFor()
  await window.row('Bread').getByText('waits for the change below').waitFor()

  await window.rename('Bread', 'Rye bread')
  await window.allSaved()
  expect(await window.parked.count()).toBe(0)
  expect(stage.server.stored()).toEqual(['Milk', 'Rye bread'])
})
