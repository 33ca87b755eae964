import { eventually } from 'demo-support/e2e'
import { expect, it } from 'vitest'
import { useStage } from './support/stage.ts'
import { openWindow } from './support/window.ts'

const stage = useStage()

it('can be used with the keyboard alone', async () => {
  const ada = await stage.open('socket-io')
  const { keyboard } = ada.page
  const focused = () => ada.page.evaluate(() => document.activeElement?.getAttribute('aria-label'))
  await ada.page.getByRole('radio', { name: 'Socket.IO' }).focus()
  await keyboard.press('Tab')
  expect(await focused()).toBe('violet')
  await keyboard.press('ArrowRight')
  expect(await focused()).toBe('red')
  await keyboard.press('Tab')
  expect(await focused()).toBe('medium')
  await keyboard.press('Tab')
  await keyboard.press('ArrowRight')
  await keyboard.press('Space')
  for (let step = 0; step < 3; step++) await keyboard.press('Shift+ArrowDown')
  await keyboard.press('Space')
  await eventually(ada.strokes).toEqual(['M612 450L612 630'])
  await keyboard.press('Tab')
  expect(await focused()).toBe('Messages')
  await keyboard.press('Tab')
  await keyboard.type('Hello')
  await keyboard.press('Enter')
  await eventually(ada.messages).toEqual(['Hello'])
})

it('fits a phone and reads well', async () => {
  const profile = await stage.profile({ viewport: { width: 360, height: 740 }, hasTouch: true })
  const ada = await openWindow(profile, { url: stage.server.url })
  await ada.page.touchscreen.tap(100, 300)
  await ada.say('Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft')
  await ada.allSaved()
  await eventually(async () => (await ada.people()).length).toBe(1)
  const [scroll, client] = await ada.page.evaluate(() => [
    document.documentElement.scrollWidth,
    document.documentElement.clientWidth,
  ])
  expect(scroll).toBe(client)
  const time = /\d\d:\d\d( [AP]M)?/
  const tree = (await ada.page.getByRole('main').ariaSnapshot()).replace(time, 'now')
  expect(tree).toMatchInlineSnapshot(`
    "- main:
      - region "Connection":
        - paragraph: Connected over Socket.IO
        - paragraph: Nothing waits in this window
      - region "Board":
        - group "Colour":
          - text: Colour
          - radio "ink"
          - radio "violet" [checked]
          - radio "red"
          - radio "orange"
          - radio "green"
          - radio "blue"
        - group "Width":
          - text: Width
          - radio "fine"
          - radio "medium" [checked]
          - radio "broad"
        - button "Undo"
        - button "Clear"
        - application "Drawing with 1 stroke"
      - region "People":
        - heading "Here 1" [level=2]
        - list:
          - 'listitem "Ada over Socket.IO: active"': Ada (you) , active Socket.IO
      - region "Chat":
        - log "Messages":
          - listitem:
            - paragraph:
              - text: You
              - time: now
            - paragraph: Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft
        - paragraph
        - textbox "Message":
          - /placeholder: Say something
        - button "Send"
      - status: Connected over Socket.IO
      - status"
  `)
})
