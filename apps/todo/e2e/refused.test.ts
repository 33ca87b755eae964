import { expect, it } from 'vitest'
import { openWindow } from './support/browser.ts'
import { eventually } from './support/eventually.ts'
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
  await window.status.getByText('1 parked').waitFor()
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
  await window.parked.getByRole('button', { name: 'Discard' }).click()
  await window.parked.waitFor({ state: 'detached' })
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
