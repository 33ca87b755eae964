import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ConnectionStatus } from '@syncline/core'
import { expect } from 'vitest'
import { collect } from '../collect.ts'
import { eventually, until } from '../until.ts'
import { openHubFile, temporaryDirectory } from './files.ts'
import type { Scenario } from './scenario.ts'
import { todoList } from './todo-contract.ts'
import type { World } from './world.ts'

const publish = ({ running }: World, id: string) =>
  running.hub.publish(todoList, { list: 'home' }, 'todo:created', { id, text: id })

/** Promise 2: goes on from its last position, or from a snapshot. */
export const continuitySuite = (scenario: Scenario): void => {
  scenario('goes on after each of many cuts, nothing lost and nothing twice', async (world) => {
    await world.start()
    const device = await world.device()
    const seen = collect(device.list().messages$)
    const missed = collect(device.list().missed$)
    await device.live()
    for (let n = 1; n <= 60; n++) {
      await publish(world, `${n}`)
      if (n % 10 === 0) device.proxy.cut()
    }
    await seen.until(({ length }) => length >= 60)
    expect(seen.values.map(({ position }) => position.seq)).toEqual(
      Array.from({ length: 60 }, (_, index) => index + 1),
    )
    expect(missed.values).toEqual([])
    await device.live()
  })

  scenario.failsProvider('a half-open link is noticed by its silence and replaced', async (world) => {
    await world.start({ heartbeat: 200 })
    const device = await world.device()
    const seen = collect(device.list().messages$)
    await device.live()
    device.proxy.pause()
    await publish(world, 'a')
    await seen.until(({ length }) => length === 1)
    expect(device.errors.values.map(({ code }) => code)).toContain('heartbeat-timeout')
    device.proxy.resume()
    await publish(world, 'b')
    await seen.until(({ length }) => length === 2)
  })

  scenario('a slow network changes nothing but the time', async (world) => {
    await world.start()
    const device = await world.device()
    device.proxy.delay(30)
    const list = device.view()
    await device.live()
    const writes = ['a', 'b', 'c'].map((id) => device.list().mutate('todo:create', { id, text: id }))
    for (const write of writes) await write.result
    await until(list.view.confirmed$, (todos) => todos?.length === 3)
    expect(list.view.confirmed$.get()).toEqual(world.app.todos('home'))
  })

  scenario('a restarted hub goes on where it was, with a durable store', async (world) => {
    const directory = await temporaryDirectory()
    const file = join(directory, 'hub.db')
    await world.start({ store: await openHubFile(file) })
    const device = await world.device()
    const seen = collect(device.list().messages$)
    const missed = collect(device.list().missed$)
    await device.live()
    await publish(world, 'a')
    await seen.until(({ length }) => length === 1)
    await world.running.stop()
    await until(device.list().state$, ({ phase }) => phase === 'offline')
    await world.start({ store: await openHubFile(file) })
    await publish(world, 'b')
    await seen.until(({ length }) => length === 2)
    expect(seen.values.map(({ position }) => position.seq)).toEqual([1, 2])
    expect(new Set(seen.values.map(({ position }) => position.epoch)).size).toBe(1)
    expect(missed.values).toEqual([])
    expect(device.errors.values.map(({ code }) => code)).toContain('hub-closing')
  })

  scenario('a hub that dies in the middle of a burst loses no write and runs none twice', async (world) => {
    const directory = await temporaryDirectory()
    const file = join(directory, 'hub.db')
    await world.start({ store: await openHubFile(file) })
    const device = await world.device()
    const list = device.view()
    await device.live()
    const todos = Array.from({ length: 100 }, (_, index) => ({ id: `${index}`, text: 'a' }))
    const writes = todos.map((todo) => device.list().mutate('todo:create', todo))
    await writes[30]!.result
    await world.running.kill()
    await world.start({ store: await openHubFile(file) })
    await Promise.all(writes.map(({ result }) => result))
    const confirmed = await until(list.view.confirmed$, (seen) => seen?.length === 100)
    expect(confirmed?.map(({ id }) => id)).toEqual(todos.map(({ id }) => id))
    const head = await publish(world, 'last')
    expect(head.seq).toBe(101)
  })

  scenario('a hub that forgot its log begins a new epoch: clients go on from a snapshot', async (world) => {
    await world.start()
    const device = await world.device()
    const list = device.view()
    const missed = collect(device.list().missed$)
    await device.live()
    await device.list().mutate('todo:create', { id: 'a', text: 'a' }).result
    await until(list.view.confirmed$, (todos) => todos?.length === 1)
    const { epoch } = device.list().state$.get().position!
    await world.running.stop()
    await world.start()
    const state = await until(
      device.list().state$,
      ({ phase, position }) => phase === 'live' && position?.epoch !== epoch,
      { what: 'A new epoch' },
    )
    expect(state.position?.seq).toBe(0)
    expect(missed.values).toHaveLength(1)
    await until(list.view.status$, ({ stale, position }) => !stale && position?.epoch !== epoch)
    expect(list.view.get()).toEqual([{ id: 'a', text: 'a' }])
    await publish(world, 'b')
    await until(list.view.confirmed$, (todos) => todos?.length === 2)
  })

  scenario('a restored backup of the store is noticed, even where the numbers fit', async (world) => {
    const directory = await temporaryDirectory()
    const file = join(directory, 'hub.db')
    const backup = join(directory, 'backup.db')
    await world.start({ store: await openHubFile(file) })
    await publish(world, 'a')
    await world.running.stop()
    await copyFile(file, backup)

    await world.start({ store: await openHubFile(file) })
    const device = await world.device()
    const seen = collect(device.list().messages$)
    const missed = collect(device.list().missed$)
    const list = device.view()
    await device.live()
    await publish(world, 'lost')
    await seen.until(({ length }) => length === 1)
    await world.running.stop()
    await until(device.list().state$, ({ phase }) => phase === 'offline')

    world.app.restore('home', [
      { id: 'a', text: 'a' },
      { id: 'other', text: 'other' },
    ])
    await world.start({ store: await openHubFile(backup) })
    const { seq } = await publish(world, 'other')
    expect(seq).toBe(2)
    await missed.until(({ length }) => length === 1)
    await list.until((states) => states.at(-1)?.some(({ id }) => id === 'other') === true)
    expect(list.values.at(-1)?.map(({ id }) => id)).toEqual(['a', 'other'])
    await device.live()
  })

  scenario('clients are told when to come back, and come back by themselves', async (world) => {
    await world.start()
    const devices = await Promise.all(['ada', 'bob', 'cleo'].map((identity) => world.device({ identity })))
    await Promise.all(devices.map((device) => device.connected()))
    await world.running.hub.close({ retryAfter: 40 })
    for (const device of devices) {
      const away = (statuses: readonly ConnectionStatus[]) => statuses.find(({ at }) => at === 'reconnecting')
      const statuses = await device.statuses.until((all) => away(all) !== undefined)
      expect(away(statuses)).toMatchObject({ error: { code: 'hub-closing' } })
      const [error] = device.errors.values.filter(({ code }) => code === 'hub-closing')
      expect(error?.retryAfter).toBeGreaterThanOrEqual(40)
    }
    await world.running.stop()
    await world.start()
    await Promise.all(devices.map((device) => device.connected()))
    await eventually(() => world.running.hub.health().connections === 3)
  })
}
