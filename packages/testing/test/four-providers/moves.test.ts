import { createDefaultEnvironment } from '@syncline/core'
import { eventually } from '@syncline/testing'
import { expect, test } from 'vitest'
import { openClientFile, temporaryDirectory } from '../../src/conformance/files.ts'
import { allHeard, createHouse, providers } from './house.ts'

const pairs = providers.flatMap((from) => providers.filter((to) => to !== from).map((to) => ({ from, to })))

test.each(pairs)(
  'a client moved from $from to $to goes on, its pending writes included',
  async ({ from, to }) => {
    const house = await createHouse()
    await house.start()
    const file = `${await temporaryDirectory()}/client.db`
    const other = await house.open('socket.io', { identity: 'other' })
    await other.live()

    const before = await house.open(from, { storage: await openClientFile(file), identity: 'ada' })
    await before.live()
    await other.say('heard').result
    await allHeard([before], 'heard')
    before.cut()
    await other.say('missed').result
    const pending = ['first', 'second'].map((id) => before.say(id))
    await Promise.all(pending.map(({ saved }) => saved))
    await before.close()

    const after = await house.open(to, { storage: await openClientFile(file), identity: 'ada' })
    expect(after.client.outbox.pending$.get().length).toBeLessThanOrEqual(2)
    await allHeard([after, other], 'second')
    await other.say('goes on').result
    await allHeard([after, other], 'goes on')
    const all = ['heard', 'missed', 'first', 'second', 'goes on']
    expect(other.heard()).toEqual(all)
    expect([...before.heard(), ...after.heard()]).toEqual(all)
    await eventually(() => {
      expect(after.shown()).toEqual(all)
      return true
    })
    for (const id of ['first', 'second']) expect(house.runs.get(id)).toBe(1)
  },
)

test('who moves from provider to provider is never seen leaving', async () => {
  const house = await createHouse()
  await house.start()
  const file = `${await temporaryDirectory()}/client.db`
  const watcher = await house.open('sse', { identity: 'watcher' })
  const seen = () => eventually(() => watcher.names().includes('ada'), { what: 'Ada on the list' })
  const environment = createDefaultEnvironment()
  let before: number | undefined
  for (const provider of [...providers, ...providers].slice(0, 5)) {
    const storage = await openClientFile(file)
    const ada = await house.open(provider, { storage, identity: 'ada', environment })
    ada.enter()
    await ada.live()
    await ada.inside()
    await seen()
    before ??= watcher.lists().length
    await ada.close(true)
  }
  for (const names of watcher.lists().slice(before)) expect(names).toEqual(['ada'])
})
