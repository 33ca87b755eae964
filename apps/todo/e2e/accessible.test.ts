import { eventually } from 'demo-support/e2e'
import { expect, it } from 'vitest'
import { openWindow } from './support/browser.ts'
import { useStage } from './support/stage.ts'

const stage = useStage()

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

it('says once that the connection is lost and once that it is back, and never a countdown', async () => {
  const { server } = stage
  const { page, status, hurry } = await openWindow(await stage.profile(), { url: server.url })
  const said = await page
    .getByRole('status')
    .first()
    .evaluateHandle((line) => {
      const said: (string | null)[] = []
      const note = () => void said.push(line.textContent)
      new MutationObserver(note).observe(line, { subtree: true, childList: true, characterData: true })
      return said
    })
  await server.kill()
  await status.getByText(/try [2-9]/).waitFor()
  expect(await said.jsonValue()).toEqual(['Connection lost. Changes stay in this browser.'])
  await server.start()
  await hurry()
  await eventually(() => said.jsonValue()).toEqual([
    'Connection lost. Changes stay in this browser.',
    'Connected over Socket.IO',
  ])
})
