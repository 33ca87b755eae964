import { eventually } from 'demo-support/e2e'
import { expect, it } from 'vitest'
import { useStage } from './support/stage.ts'

const stage = useStage()

it('keeps what was drawn and said without a network over a reload and a change of provider, and sends it once', async () => {
  const [ada, grace] = [await stage.open('socket-io'), await stage.open('ably', 'Grace')]
  await ada.draw([0.1, 0.1], [0.3, 0.3])
  await ada.allSaved()
  await ada.cached()
  await ada.page.context().setOffline(true)
  await ada.status.getByText('Offline').waitFor()
  await ada.draw([0.5, 0.2])
  await ada.draw([0.6, 0.2])
  await ada.say('Drawn on the train')
  await ada.status.getByText('3 changes waiting').waitFor()
  const strokes = await ada.strokes()
  expect(strokes.length).toBe(3)

  await ada.page.reload()
  await ada.status.getByText('3 changes waiting').waitFor()
  await eventually(ada.strokes).toEqual(strokes)
  await eventually(ada.messages).toEqual(['Drawn on the train'])

  await ada.choose('pusher')
  await ada.status.getByText('3 changes waiting').waitFor()
  await eventually(ada.strokes).toEqual(strokes)
  await ada.page.context().setOffline(false)
  await ada.connected('pusher')
  await ada.allSaved()
  for (const window of [ada, grace]) {
    await eventually(window.strokes).toEqual(strokes)
    await eventually(window.messages).toEqual(['Drawn on the train'])
  }
  await eventually(grace.people).toEqual(['Ada over Pusher: active', 'Grace over Ably: active'])
})

it('goes on by itself when the server comes back, on every provider', async () => {
  const windows = await stage.openAll()
  const [ada] = windows
  await ada!.say('Before')
  for (const window of windows) await eventually(window.messages).toEqual(['Before'])
  await stage.server.kill()
  for (const window of windows) await window.status.getByText('Reconnecting').waitFor()
  for (const [index, window] of windows.entries()) await window.draw([0.2 * index + 0.1, 0.5])
  await stage.server.start()
  await Promise.all(windows.map((window) => window.hurry()))
  await Promise.all(windows.map((window) => window.allSaved()))
  await eventually(async () => (await ada!.strokes()).length).toBe(4)
  const strokes = await ada!.strokes()
  for (const window of windows) {
    await eventually(window.strokes).toEqual(strokes)
    await eventually(async () => (await window.people()).length).toBe(4)
  }
})
