import { join } from 'node:path'
import type { Receipt } from '@syncline/core'
import type { HubFrame, MessagesFrame } from '@syncline/core/protocol'
import { expect } from 'vitest'
import type { Tap } from '../tap-transport.ts'
import { eventually, until } from '../until.ts'
import { openClientFile, temporaryDirectory } from './files.ts'
import type { Scenario } from './scenario.ts'
import { channelOf, type Todo } from './todo-contract.ts'

const isApplied = (write: Receipt) =>
  until(write.status$, ({ at }) => at === 'applied', { what: 'An applied write' })
const ids = (todos: readonly Todo[] | undefined) => todos?.map(({ id }) => id)

/** Holds messages of some channels back until told. */
const createHold = (channels: readonly string[]) => {
  const held: (() => void)[] = []
  let holding = true
  const tap: Tap<HubFrame> = (frame, pass) => {
    if (holding && frame.type === 'messages' && channels.includes((frame as MessagesFrame).channel))
      held.push(() => pass(frame))
    else if (holding && frame.type === 'heads')
      // Heads would have the missing messages fetched.
      pass({ ...frame, heads: [] })
    else pass(frame)
  }
  return {
    tap,
    held,
    release: () => {
      holding = false
      for (const pass of held.splice(0)) pass()
    },
  }
}

/** Promise 5: stays until its effect is there, is taken back alone, never flickers. */
export const overlaySuite = (scenario: Scenario): void => {
  scenario('an overlay with no effect goes when its write is accepted', async (world) => {
    await world.start()
    const device = await world.device()
    const list = device.view()
    await device.live()
    const write = device.list().mutate('obey', { order: 'nothing' })
    await until(list.view, (todos) => ids(todos)?.[0] === 'obeyed')
    await write.result
    await until(list.view, (todos) => todos?.length === 0)
    expect(write.status$.get()).toEqual({ at: 'applied', effects: [] })
  })

  scenario(
    'an overlay with one effect stays until the effect is in the view, and never flickers',
    async (world) => {
      await world.start()
      const hold = createHold([channelOf('home')])
      const device = await world.device({ taps: { in: hold.tap } })
      const list = device.view()
      await device.live()
      const write = device.list().mutate('todo:create', { id: 'a', text: 'a' })
      await until(list.view, (todos) => ids(todos)?.[0] === 'a')
      await write.result
      await eventually(() => hold.held.length === 1, { what: 'The effect on its way' })
      expect(write.status$.get().at).toBe('accepted')
      expect(ids(list.view.get())).toEqual(['a'])
      expect(list.view.confirmed$.get()).toEqual([])
      hold.release()
      await isApplied(write)
      expect(list.view.confirmed$.get()).toEqual([{ id: 'a', text: 'a' }])
      const since = list.values.findIndex((todos) => todos?.length === 1)
      expect(list.values.slice(since).map(ids)).toEqual(list.values.slice(since).map(() => ['a']))
    },
  )

  scenario('an overlay with three effects waits for all of them', async (world) => {
    await world.start()
    const hold = createHold([channelOf('third')])
    const device = await world.device({ taps: { in: hold.tap } })
    const lists = ['home', 'second', 'third']
    const views = lists.map((name) => device.view(name))
    await Promise.all(lists.map((name) => device.live(name)))
    const write = device.list().mutate('todo:create-all', { todos: [{ id: 'a', text: 'a' }], lists })
    await write.result
    await eventually(() => hold.held.length === 1, { what: 'The third effect on its way' })
    await until(views[1]!.view.confirmed$, (todos) => todos?.length === 1)
    expect(write.status$.get()).toMatchObject({ at: 'accepted', effects: { length: 3 } })
    hold.release()
    await isApplied(write)
    for (const { view } of views)
      expect(ids(await until(view, (todos) => todos?.length === 1))).toEqual(['a'])
    expect(views[0]!.values.filter((todos) => todos && todos.length > 1)).toEqual([])
  })

  scenario(
    'three messages of one write arrive together: no view ever shows one of them alone',
    async (world) => {
      await world.start({ limits: { fanOutMessages: 2 } })
      const [device, other] = [await world.device(), await world.device({ identity: 'bob' })]
      const views = [device.view(), other.view()]
      await Promise.all([device.live(), other.live()])
      const todos = ['a', 'b', 'c'].map((id) => ({ id, text: id }))
      await isApplied(device.list().mutate('todo:create-all', { todos }))
      for (const { view, values } of views) {
        await until(view, (shown) => shown?.length === 3)
        expect(values.filter((shown) => shown?.length === 1 || shown?.length === 2)).toEqual([])
      }
    },
  )

  scenario('an overlay is rebased over what others do meanwhile', async (world) => {
    await world.start()
    const sending: (() => void)[] = []
    let holding = false
    const device = await world.device({
      taps: {
        out: (frame, pass) => {
          if (holding && frame.type === 'writes') sending.push(() => pass(frame))
          else pass(frame)
        },
      },
    })
    const list = device.view()
    await device.live()
    const other = await world.bystander()
    await device.list().mutate('todo:create', { id: 'a', text: 'a' }).result
    holding = true
    const write = device.list().mutate('todo:rename', { id: 'a', text: 'mine' })
    await other.list().mutate('todo:rename', { id: 'a', text: 'theirs' }).result
    await until(list.view.confirmed$, (todos) => todos?.[0]?.text === 'theirs')
    expect(list.view.get()).toEqual([{ id: 'a', text: 'mine' }])
    await eventually(() => sending.length === 1, { what: 'The write on its way' })
    for (const send of sending) send()
    await isApplied(write)
    expect(list.view.confirmed$.get()).toEqual([{ id: 'a', text: 'mine' }])
    expect(world.app.todos('home')).toEqual([{ id: 'a', text: 'mine' }])
  })

  scenario('a refused write is taken back alone: other pending writes stay on screen', async (world) => {
    await world.start()
    const device = await world.device()
    const list = device.view()
    await device.live()
    device.proxy.refuse()
    device.proxy.cut()
    await until(device.client.status$, ({ at }) => at === 'reconnecting')
    const writes = ['allowed', 'forbidden', 'allowed'].map((text, index) =>
      device.list().mutate('todo:create', { id: `${index}`, text }),
    )
    await until(list.view, (todos) => todos?.length === 3)
    device.proxy.accept()
    await until(writes[1]!.status$, ({ at }) => at === 'parked')
    await until(list.view, (todos) => todos?.length === 2)
    await Promise.all([isApplied(writes[0]!), isApplied(writes[2]!)])
    expect(ids(list.view.get())).toEqual(['0', '2'])
    const since = list.values.findIndex((todos) => todos?.length === 3)
    for (const todos of list.values.slice(since)) {
      expect(ids(todos)).toContain('0')
      expect(ids(todos)).toContain('2')
    }
  })

  scenario(
    'an accepted overlay survives a reload until the stored view includes its effect',
    async (world) => {
      const file = join(await temporaryDirectory(), 'client.db')
      await world.start()
      const hold = createHold([channelOf('home')])
      const page = await world.device({ storage: await openClientFile(file), taps: { in: hold.tap } })
      const list = page.view('home', { persist: true })
      await page.live()
      await until(list.view.status$, ({ at }) => at === 'ready')
      await page.list().mutate('todo:create', { id: 'a', text: 'a' }).result
      await page.close()

      const next = await world.device({ storage: await openClientFile(file) })
      next.proxy.refuse()
      const shown = next.view('home', { persist: true })
      await shown.until((states) => ids(states.at(-1))?.includes('a') === true, {
        what: 'The accepted write, offline',
      })
      next.proxy.accept()
      await until(shown.view.confirmed$, (todos) => todos?.length === 1)
      expect(ids(shown.view.get())).toEqual(['a'])
    },
  )
}
