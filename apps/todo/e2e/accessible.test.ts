import { eventually } from 'demo-support/e2e'
import { expect, it } from 'vitest'
import { openWindow } from './support/browser.ts'
import { useStage } from './support/stage.ts'

const stage = useStage()

it('can be used with the keyboard alone', async () => {
  const window = await openWindow(await stage.profile(), { url: stage.server.url })
  const { keyboard } = window.page
  const focused = () => window.page.evaluate(() => document.activeElement?.getAttribute('aria-label'))
  await window.page.getByRole('radio', { name: 'Socket.IO' }).focus()
  await keyboard.press('Tab')
  expect(await focused()).toBe('New todo')
  await keyboard.type('Milk')
  await keyboard.press('Enter')
  await window.row('Milk').waitFor()
  await window.allSaved()

  await keyboard.press('Tab')
  await keyboard.press('Tab')
  await keyboard.press('Space')
  expect(await window.checkbox('Milk').isChecked()).toBe(true)

  await keyboard.press('Tab')
  await keyboard.press('Enter')
  expect(await focused()).toBe('New title for Milk')
  await keyboard.type('Oat milk')
  await keyboard.press('Enter')
  await window.row('Oat milk').waitFor()
  await eventually(() => window.page.evaluate(() => document.activeElement?.textContent)).toBe('Oat milk')

  await keyboard.press('Tab')
  expect(await focused()).toBe('Delete Oat milk')
  await keyboard.press('Enter')
  await eventually(() => window.rows.count()).toBe(0)
  expect(await focused()).toBe('New todo')
})

it('fits a phone and reads well', async () => {
  const profile = await stage.profile({ viewport: { width: 360, height: 740 } })
  const window = await openWindow(profile, { url: stage.server.url })
  await window.add('A title that is so long that it has to go over a few lines on the screen of a phone')
  await window.add('Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft')
  await window.allSaved()
  const widths = () =>
    window.page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth])
  const [scroll, client] = await widths()
  expect(scroll).toBe(client)
  expect(await window.page.getByRole('main').ariaSnapshot()).toMatchInlineSnapshot(`
    "- main:
      - region "Connection":
        - paragraph: Connected over Socket.IO
        - paragraph: Nothing waits in this window
      - textbox "New todo":
        - /placeholder: What is to be done?
      - button "Add"
      - list "Todos":
        - listitem:
          - checkbox "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
          - button "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
          - text: Added by Ada
          - button "Delete Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
        - listitem:
          - checkbox "A title that is so long that it has to go over a few lines on the screen of a phone"
          - button "A title that is so long that it has to go over a few lines on the screen of a phone"
          - text: Added by Ada
          - button "Delete A title that is so long that it has to go over a few lines on the screen of a phone"
      - status: Connected over Socket.IO
      - status"
  `)
})

it('moves nothing when the connection goes', async () => {
  const window = await openWindow(await stage.profile(), { url: stage.server.url })
  await window.add('Milk')
  await window.allSaved()
  const before = await window.row('Milk').boundingBox()
  await stage.server.kill()
  await window.status.getByText('Reconnecting').waitFor()
  await window.checkbox('Milk').check()
  await window.status.getByText('1 change waiting').waitFor()
  expect(await window.row('Milk').boundingBox()).toEqual(before)
})
