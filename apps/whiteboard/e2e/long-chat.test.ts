import { eventually, series } from 'demo-support/e2e'
import { expect, it } from 'vitest'
import { useStage } from './support/stage.ts'

const stage = useStage()

it('keeps a long chat within the window', async () => {
  const ada = await stage.open('sse')
  await ada.page.setViewportSize({ width: 1200, height: 800 })
  const texts = series('message', 40)
  for (const text of texts) await ada.say(text)
  await eventually(ada.messages).toEqual(texts)
  const [scroll, client] = await ada.page.evaluate(() => [
    document.documentElement.scrollHeight,
    document.documentElement.clientHeight,
  ])
  expect(scroll).toBe(client)
})
