import { expect, it } from 'vitest'
import { checkWcag } from './support/axe.ts'
import { openWindow } from './support/browser.ts'
import { useStage } from './support/stage.ts'

const stage = useStage()

const sizes = { desktop: { width: 1280, height: 900 }, phone: { width: 360, height: 740 } }
const backgrounds = { light: 'rgb(246, 246, 243)', dark: 'rgb(20, 21, 23)' }
/** Of each part of the page, a text whose contrast axe must have measured. */
const measured = ['Socket.IO', 'Offline: changes wait here', '2 changes waiting', 'Cheese', 'Discard']

/** Everything at once: a list, a refused change with one that waits for it, and a change that waits for the network. */
const openBusy = async () => {
  const profile = await stage.profile({ reducedMotion: 'reduce' })
  const window = await openWindow(profile, { url: stage.server.url })
  for (const title of ['Milk', 'Bread']) await window.add(title)
  await window.checkbox('Milk').check()
  await window.allSaved()
  await window.rename('Bread', 'Milk')
  await window.parked.getByText('Rename “Bread” to “Milk”').waitFor()
  await window.checkbox('Bread').check()
  await window.parked.getByText('Holds back 1 more change to it.').waitFor()
  await profile.setOffline(true)
  await window.status.getByText('Offline').waitFor()
  await window.add('Cheese')
  await window.status.getByText('2 changes waiting').waitFor()
  return window
}

it('meets WCAG 2 AA in light and in dark, on a desk and on a phone', async () => {
  const { page } = await openBusy()
  for (const [size, viewport] of Object.entries(sizes))
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.setViewportSize(viewport)
      await page.emulateMedia({ colorScheme })
      const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor)
      expect(background).toBe(backgrounds[colorScheme])
      const { violations, readable } = await checkWcag(page)
      expect({ size, colorScheme, violations }).toEqual({ size, colorScheme, violations: [] })
      for (const text of measured) expect(readable).toContainEqual(expect.stringContaining(`>${text}`))
    }
})
