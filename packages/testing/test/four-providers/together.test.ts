import { eventually } from '@syncline/testing'
import { expect, test } from 'vitest'
import { allHeard, createHouse, openAll, providers } from './house.ts'

test('one window on each provider: the same messages in the same order, and the same people', async () => {
  const house = await createHouse()
  await house.start()
  const windows = await openAll(house)
  const writes = Array.from({ length: 25 }, (_, round) =>
    windows.map((window) => window.say(`${window.provider}-${round}`)),
  ).flat()
  await Promise.all(writes.map(({ result }) => result))
  await Promise.all(windows.map((window) => eventually(() => window.heard().length >= writes.length)))
  const [first] = windows
  expect(new Set(first?.heard()).size).toBe(writes.length)
  for (const window of windows) {
    expect(window.heard()).toEqual(first?.heard())
    expect(window.shown()).toEqual(first?.heard())
    expect(window.names()).toEqual([...providers].toSorted())
  }
})

test('who leaves on one provider goes from the list of all', async () => {
  const house = await createHouse()
  await house.start()
  const [leaving, ...others] = await openAll(house)
  await leaving?.close()
  await Promise.all(
    others.map((window) =>
      eventually(() => window.names().length === others.length, { what: 'Three names' }),
    ),
  )
  await others[0]?.say('goes on').result
  await allHeard(others, 'goes on')
})
