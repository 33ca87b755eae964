import type { HubStore } from '@syncline/server'
import { expect, test } from 'vitest'
import { openHubFile, temporaryDirectory } from '../../src/conformance/files.ts'
import { allHeard, createHouse, openAll } from './house.ts'

/** Once `armed`, commits are durable and nobody is told: the hub never comes to its fan-out. */
const stopAfterCommit = (store: HubStore<never>) => {
  let armed = false
  let committed: () => void = () => {}
  const done = new Promise<void>((resolve) => {
    committed = resolve
  })
  const commit: HubStore<never>['commit'] = async (group) => {
    const outcome = await store.commit(group)
    if (!armed || group.length === 0) return outcome
    committed()
    return new Promise(() => {})
  }
  const stopping = new Proxy(store, {
    get: (target, property) => {
      if (property === 'commit') return commit
      const value = Reflect.get(target, property)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  return {
    store: stopping,
    done,
    arm: () => {
      armed = true
    },
  }
}

test('the hub killed between append and fan-out loses nothing on any provider', async () => {
  const house = await createHouse()
  const file = `${await temporaryDirectory()}/hub.db`
  const stopping = stopAfterCommit(await openHubFile(file))
  await house.start(stopping.store)
  const windows = await openAll(house)
  await windows[0]?.say('before').result
  await allHeard(windows, 'before')
  stopping.arm()
  const write = windows[1]!.say('at the moment')
  await stopping.done
  await house.kill()
  await house.start(await openHubFile(file))
  await allHeard(windows, 'at the moment')
  await write.result
  await windows[2]?.say('after').result
  await allHeard(windows, 'after')
  for (const window of windows)
    expect(window.heard(), window.provider).toEqual(['before', 'at the moment', 'after'])
  expect(house.runs.get('at the moment')).toBe(1)
})

test('a restart of the hub takes nobody from the lists of who is here', async () => {
  const house = await createHouse()
  const file = `${await temporaryDirectory()}/hub.db`
  await house.start(await openHubFile(file))
  const windows = await openAll(house)
  const before = windows.map((window) => window.lists().length)
  await house.kill()
  await house.start(await openHubFile(file))
  await windows[0]?.say('after').result
  await allHeard(windows, 'after')
  for (const [index, window] of windows.entries()) {
    await window.live()
    for (const list of window.lists().slice(before[index])) expect(list, window.provider).toHaveLength(4)
  }
})
