import { eventually } from 'demo-support/e2e'
import { expect, it } from 'vitest'
import { openWindow, type TodoWindow } from './support/browser.ts'
import { useStage } from './support/stage.ts'

const stage = useStage()

const focusedIn = ({ page }: TodoWindow) => page.locator(':focus').ariaSnapshot()

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

it('chooses person and provider with the keyboard, and decides on what was refused', async () => {
  const window = await openWindow(await stage.profile(), { url: stage.server.url })
  const { page, parked } = window
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key)
  }

  await press('Tab', 'Tab', 'ArrowRight')
  expect(await focusedIn(window)).toBe('- radio "Grace" [checked]')
  await press('Tab', 'ArrowRight')
  expect(await focusedIn(window)).toBe('- radio "SSE" [checked]')
  await window.status.getByText('Connected over SSE').waitFor()
  await press('Tab')
  await page.keyboard.type('Milk')
  await press('Enter')
  await window.row('Milk').getByText('Added by Grace').waitFor()
  await window.allSaved()

  const addAgain = async () => {
    await page.keyboard.type('Milk')
    await press('Enter')
    await parked.getByText('is on the list already').waitFor()
    await press('Shift+Tab', 'Shift+Tab')
    expect(await focusedIn(window)).toContain('1 not saved')
  }
  await addAgain()
  await press('Enter', 'Tab', 'Tab')
  expect(await focusedIn(window)).toContain('textbox "Other title for: Add “Milk”"')
  await page.keyboard.type('Oat milk')
  await press('Tab')
  expect(await focusedIn(window)).toBe('- button "Retry"')
  await press('Enter')
  await window.row('Oat milk').waitFor()
  await window.allSaved()
  expect(await focusedIn(window)).toContain('textbox "New todo"')

  await addAgain()
  const download = page.waitForEvent('download')
  await press('Tab')
  expect(await focusedIn(window)).toBe('- button "Export unsent changes": Export')
  await press('Enter')
  expect((await download).suggestedFilename()).toBe('unsent-changes.json')
  await press('Shift+Tab', 'Enter', 'Tab', 'Tab', 'Tab', 'Tab')
  expect(await focusedIn(window)).toBe('- button "Discard"')
  await press('Enter')
  await window.allSaved()
  expect(await focusedIn(window)).toContain('textbox "New todo"')
  expect(stage.server.stored()).toEqual(['Milk', 'Oat milk'])
})

it('tries again with the keyboard, and keeps the focus also where it tries by itself', async () => {
  const window = await openWindow(await stage.profile(), { url: stage.server.url })
  const { page } = window
  // Browsers say it also where there is a network that they do not know of.
  const say = (type: 'offline' | 'online') =>
    page.evaluate((type) => void dispatchEvent(new Event(type)), type)
  for (const tryAgain of [() => page.keyboard.press('Enter'), () => say('online')]) {
    await page.getByRole('textbox', { name: 'New todo' }).focus()
    await say('offline')
    await window.status.getByText('Offline').waitFor()
    await page.keyboard.press('Shift+Tab')
    expect(await focusedIn(window)).toBe('- button "Try now"')
    await tryAgain()
    await window.connected()
    expect(await focusedIn(window)).toContain('region "Connection"')
    await page.keyboard.press('Tab')
    expect(await focusedIn(window)).toContain('textbox "New todo"')
  }
})
