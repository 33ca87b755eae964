import { expect, it } from 'vitest'
import { useStage } from './support/stage.ts'

const stage = useStage()

it('keeps text readable that waits or is as last known, in light and in dark', async () => {
  const ada = await stage.open('socket-io')
  await ada.page.emulateMedia({ reducedMotion: 'reduce' })
  await ada.page.setViewportSize({ width: 390, height: 800 })
  await ada.say('Before')
  await ada.allSaved()
  await ada.page.context().setOffline(true)
  await ada.status.getByText('Offline').waitFor()
  await ada.say('Waiting')
  await ada.page.getByText('waiting', { exact: true }).waitFor()
  for (const colorScheme of ['light', 'dark'] as const) {
    await ada.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    for (const part of ['.by', '.text', '.sending', '.people .who', '.people .over']) {
      // Text fades after a moment: what it comes to counts.
      await ada.page.locator(part).last().evaluate(transitionsEnd)
      const contrast = await ada.page.locator(part).last().evaluate(contrastOf)
      expect({ colorScheme, part, low: contrast < 4.5 && contrast }).toEqual({
        colorScheme,
        part,
        low: false,
      })
    }
  }
})

const transitionsEnd = async (element: Element) => {
  const all = [element, element.closest('.message, ul') ?? element].flatMap((one) => one.getAnimations())
  await Promise.all(all.map((animation) => animation.finished))
}

/** Of a text to what it stands on, with what makes it transparent, by WCAG. */
const contrastOf = (element: Element): number => {
  const context = document.createElement('canvas').getContext('2d')!
  const ancestors: Element[] = []
  for (let one: Element | null = element; one; one = one.parentElement) ancestors.unshift(one)
  const paint = (colour: string): readonly number[] => {
    context.fillStyle = colour
    context.fillRect(0, 0, 1, 1)
    return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3)
  }
  const luminance = (pixel: readonly number[]): number => {
    const [r = 0, g = 0, b = 0] = pixel.map((byte) =>
      byte <= 10 ? byte / 3294 : ((byte / 255 + 0.055) / 1.055) ** 2.4,
    )
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  let ground: readonly number[] = [255, 255, 255]
  for (const one of ancestors) {
    context.globalAlpha *= Number(getComputedStyle(one).opacity)
    ground = paint(getComputedStyle(one).backgroundColor)
  }
  const [a, b] = [luminance(ground), luminance(paint(getComputedStyle(element).color))]
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
}
