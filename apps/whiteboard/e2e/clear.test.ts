import { eventually } from 'demo-support/e2e'
import { expect, it } from 'vitest'
import { useStage } from './support/stage.ts'

const stage = useStage()

it('does not take a double-click on Clear for an answer to its question', async () => {
  const ada = await stage.open('socket-io')
  await ada.draw([0.2, 0.2], [0.8, 0.2])
  await ada.allSaved()
  const strokes = await ada.strokes()
  const clear = ada.page.getByRole('button', { name: 'Clear', exact: true })
  await clear.dblclick()
  await ada.page.getByRole('button', { name: 'Clear for all?' }).waitFor()
  await clear.waitFor()
  expect(await ada.strokes()).toEqual(strokes)

  // It asks until it is answered with the keyboard, once.
  await clear.press('Enter')
  const question = ada.page.getByRole('button', { name: 'Clear for all?', disabled: false })
  await question.press('Enter')
  await eventually(ada.strokes).toEqual([])
})
