import { eventually } from 'demo-support/e2e'
import { expect, it } from 'vitest'
import { useStage } from './support/stage.ts'
import { openWindow } from './support/window.ts'

const stage = useStage()

it('shows the same strokes, messages and people in a window on each provider', async () => {
  const windows = await stage.openAll()
  const [ada, grace, radia, hedy] = windows
  const here = [
    'Ada over Socket.IO: active',
    'Grace over SSE: active',
    'Hedy over Ably: active',
    'Radia over Pusher: active',
  ]
  for (const window of windows) await eventually(window.people).toEqual(here)

  // All at once: whatever order the hub gives them, it is everybody's.
  await Promise.all(
    windows.map(async (window, index) => {
      const at = (index + 1) / 6
      await window.draw([at, 0.2], [at + 0.1, 0.5], [at, 0.8])
      await window.say(`Message ${index}`)
      await window.draw([0.2, at], [0.8, at])
    }),
  )
  await Promise.all(windows.map((window) => window.allSaved()))
  await eventually(async () => (await ada!.messages()).length).toBe(4)
  await eventually(async () => (await ada!.strokes()).length).toBeGreaterThanOrEqual(8)
  const [messages, strokes] = [await ada!.messages(), await ada!.strokes()]
  for (const window of windows) {
    await eventually(window.messages).toEqual(messages)
    await eventually(window.strokes).toEqual(strokes)
  }

  // The hand of each in the windows of the others, and what one types until one stops.
  await radia!.moveTo([0.25, 0.75])
  for (const window of [ada!, grace!, hedy!]) await eventually(() => placeOf(window)).toEqual([0.25, 0.75])
  expect(await radia!.cursor('Radia').count()).toBe(0)
  await typeUntil(hedy!, () =>
    Promise.all([ada!, grace!, radia!].map((window) => eventually(window.typing).toBe('Hedy is typing'))),
  )
  for (const window of windows) await eventually(window.typing).toBe('')

  // Undo takes one's own last stroke away, everywhere.
  await grace!.page.getByRole('button', { name: 'Undo' }).click()
  await eventually(async () => (await grace!.strokes()).length).toBeLessThan(strokes.length)
  const fewer = await grace!.strokes()
  for (const window of windows) await eventually(window.strokes).toEqual(fewer)
  await ada!.page.getByRole('button', { name: 'Clear' }).click()
  await ada!.page.getByRole('button', { name: 'Clear for all?' }).click()
  for (const window of windows) await eventually(window.strokes).toEqual([])
})

it('shows a person with two windows once, and who is away', async () => {
  const grace = await stage.open('sse')
  const profile = await stage.profile()
  const first = await openWindow(profile, { url: stage.server.url, provider: 'socket-io' })
  const second = await openWindow(profile, { url: stage.server.url, provider: 'pusher' })
  await eventually(grace.people).toEqual([
    'Ada over Pusher + Socket.IO · 2 windows: active',
    'Grace over SSE: active',
  ])
  for (const { page } of [first, second]) await page.evaluate(hide)
  await eventually(grace.people).toEqual([
    'Ada over Pusher + Socket.IO · 2 windows: away',
    'Grace over SSE: active',
  ])
})

/** Where Radia's hand is, as shares of the board. */
const placeOf = async (window: Awaited<ReturnType<typeof stage.open>>) => {
  const [cursor, sheet] = [await window.cursor('Radia').boundingBox(), (await window.sheet.boundingBox())!]
  if (!cursor) return undefined
  return [(cursor.x - sheet.x) / sheet.width, (cursor.y - sheet.y) / sheet.height].map(
    (share) => Math.round(share * 100) / 100,
  )
}

/** Goes on until that is so: by the time a slow machine looks, who has stopped is not typing any more. */
const typeUntil = async (
  { message }: Awaited<ReturnType<typeof stage.open>>,
  seen: () => Promise<unknown>,
) => {
  let over = false
  const seeing = seen().finally(() => {
    over = true
  })
  while (!over) await message.press('m')
  await seeing
}

/** As when the person goes to another tab. */
const hide = () => {
  Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' })
  document.dispatchEvent(new Event('visibilitychange'))
}
