import { join } from 'node:path'
import type { Receipt, ReceiptStatus } from '@syncline/core'
import type { ClientFrame, HubFrame } from '@syncline/core/protocol'
import { Observable } from 'rxjs'
import { expect } from 'vitest'
import { collect } from '../collect.ts'
import type { Tap } from '../tap-transport.ts'
import { eventually, until } from '../until.ts'
import { openClientFile, openHubFile, temporaryDirectory } from './files.ts'
import type { Scenario } from './scenario.ts'
import { channelOf } from './todo-contract.ts'
import type { Device } from './world.ts'

const reaches = (write: Receipt, at: ReceiptStatus['at']) =>
  until(write.status$, (status) => status.at === at, { what: `A write that is ${at}` })
const isAway = (device: Device) => until(device.client.status$, ({ at }) => at === 'reconnecting')

/** Loses every frame of a type while it is told to. */
const createLoss = <Frame extends ClientFrame | HubFrame>(type: Frame['type']) => {
  const loss = { on: false, count: 0 }
  const tap: Tap<Frame> = (frame, pass) => {
    if (loss.on && frame.type === type) loss.count++
    else pass(frame)
  }
  return { loss, tap }
}

/** Promises 3 and 4: effectively once, and a receipt that tells the whole life of a write. */
export const writeSuite = (scenario: Scenario): void => {
  scenario('a receipt tells the life of a write: saved, queued, sent, accepted, applied', async (world) => {
    await world.start()
    const device = await world.device()
    const list = device.view()
    await device.live()
    const write = device.list().mutate('todo:create', { id: 'a', text: 'a' })
    const statuses = collect(write.status$)
    await write.saved
    expect(await write.result).toEqual({ id: 'a', text: 'a' })
    await reaches(write, 'applied')
    const life = statuses.values.filter(({ at }) => at !== 'saving')
    expect(life.map(({ at }) => at)).toEqual(['queued', 'sent', 'accepted', 'applied'])
    expect(life[0]).toEqual({ at: 'queued', durable: false })
    const { epoch, seq } = device.list().state$.get().position!
    expect(write.status$.get()).toEqual({
      at: 'applied',
      effects: [{ channel: channelOf('home'), position: { epoch, seq } }],
    })
    expect(list.values.at(-1)).toEqual([{ id: 'a', text: 'a' }])
    expect(device.client.outbox.pending$.get()).toEqual([])
  })

  scenario(
    'writes made while away show what waits, and arrive once and in order when the hub is back',
    async (world) => {
      await world.start()
      const device = await world.device()
      const list = device.view()
      await device.live()
      await world.running.kill()
      await isAway(device)
      const writes = ['a', 'b', 'c'].map((id) =>
        device.list().mutate('todo:create', { id, text: id }, { key: 'k' }),
      )
      await Promise.all(writes.map(({ saved }) => saved))
      expect(device.client.outbox.pending$.get()).toHaveLength(3)
      expect(list.values.at(-1)).toHaveLength(3)
      await world.start()
      await Promise.all(writes.map(({ result }) => result))
      expect(world.app.todos('home').map(({ id }) => id)).toEqual(['a', 'b', 'c'])
      expect([...world.app.runs.values()]).toEqual([1, 1, 1])
    },
  )

  scenario.failsProvider(
    'a write whose acknowledgement was lost is sent again and takes effect once',
    async (world) => {
      await world.start()
      const { loss, tap } = createLoss<HubFrame>('answers')
      const device = await world.device({ taps: { in: tap } })
      const seen = collect(device.list().messages$)
      await device.live()
      loss.on = true
      const write = device.list().mutate('todo:create', { id: 'a', text: 'a' })
      await eventually(() => loss.count === 1, { what: 'The lost answer' })
      expect(write.status$.get().at).toBe('sent')
      loss.on = false
      device.proxy.cut()
      expect(await write.result).toEqual({ id: 'a', text: 'a' })
      await device.list().mutate('todo:create', { id: 'b', text: 'b' }).result
      await seen.until(({ length }) => length === 2)
      expect(world.app.runs.get(write.id)).toBe(1)
      expect(seen.values.map(({ writeId }) => writeId === write.id)).toEqual([true, false])
    },
  )

  scenario.failsProvider('a write that was lost on the way is sent again', async (world) => {
    await world.start()
    const { loss, tap } = createLoss<ClientFrame>('writes')
    const device = await world.device({ taps: { out: tap } })
    await device.live()
    loss.on = true
    const write = device.list().mutate('todo:create', { id: 'a', text: 'a' })
    await eventually(() => loss.count === 1, { what: 'The lost write' })
    loss.on = false
    device.proxy.cut()
    await write.result
    expect(world.app.runs.get(write.id)).toBe(1)
  })

  scenario(
    'a write that overtakes a lost one is told to go back, and both arrive in order',
    async (world) => {
      await world.start()
      const { loss, tap } = createLoss<ClientFrame>('writes')
      const device = await world.device({ taps: { out: tap } })
      const seen = collect(device.list().messages$)
      await device.live()
      await device.list().mutate('todo:create', { id: 'a', text: 'a' }).result
      loss.on = true
      const lost = device.list().mutate('todo:create', { id: 'b', text: 'b' })
      await eventually(() => loss.count === 1, { what: 'The lost write' })
      loss.on = false
      const next = device.list().mutate('todo:create', { id: 'c', text: 'c' })
      await Promise.all([lost.result, next.result])
      await seen.until(({ length }) => length === 3)
      expect(seen.values.map(({ data }) => (data as { id: string }).id)).toEqual(['a', 'b', 'c'])
    },
  )

  scenario.failsProvider(
    'a rejection whose answer was lost is given again, without running the handler again',
    async (world) => {
      await world.start()
      const { loss, tap } = createLoss<HubFrame>('answers')
      const device = await world.device({ taps: { in: tap } })
      await device.live()
      loss.on = true
      const write = device.list().mutate('todo:create', { id: 'a', text: 'forbidden' })
      await eventually(() => loss.count === 1, { what: 'The lost answer' })
      loss.on = false
      device.proxy.cut()
      const status = await reaches(write, 'parked')
      expect(status).toMatchObject({ reason: 'rejected', error: { code: 'rejected' } })
      expect(world.app.runs.get(write.id)).toBe(1)
    },
  )

  scenario('a rejected write is parked while others go on; it holds back its own key only', async (world) => {
    await world.start()
    const device = await world.device()
    const list = device.list()
    await device.live()
    device.proxy.refuse()
    device.proxy.cut()
    await isAway(device)
    const refused = list.mutate('todo:create', { id: 'a', text: 'forbidden' }, { key: 'a' })
    const held = list.mutate('todo:rename', { id: 'a', text: 'renamed' }, { key: 'a' })
    const other = list.mutate('todo:create', { id: 'b', text: 'b' }, { key: 'b' })
    device.proxy.accept()
    await other.result
    await reaches(refused, 'parked')
    await expect(refused.result).rejects.toMatchObject({ code: 'rejected' })
    await list.mutate('todo:rename', { id: 'b', text: 'later' }, { key: 'b' }).result
    expect(device.client.outbox.parked$.get().map(({ id }) => id)).toEqual([refused.id])
    expect(held.status$.get().at).toBe('queued')
    expect(world.app.runs.has(held.id)).toBe(false)

    const edited = await device.client.outbox.retry(refused.id, { input: { id: 'a', text: 'allowed' } })
    await Promise.all([edited.result, held.result])
    expect(world.app.runs.get(refused.id)).toBe(1)
    expect(world.app.todos('home')).toEqual([
      { id: 'b', text: 'later' },
      { id: 'a', text: 'renamed' },
    ])
  })

  scenario('a parked write can be discarded and is gone for good', async (world) => {
    await world.start()
    const device = await world.device()
    const list = device.view()
    await device.live()
    const write = device.list().mutate('todo:create', { id: 'a', text: 'forbidden' })
    await reaches(write, 'parked')
    await device.client.outbox.discard(write.id)
    expect(write.status$.get()).toEqual({ at: 'discarded' })
    expect(device.client.outbox.parked$.get()).toEqual([])
    expect(list.values.at(-1)).toEqual([])
  })

  scenario(
    'a write stream that the hub does not know parks what was sent as outcome-unknown',
    async (world) => {
      await world.start()
      const { loss, tap } = createLoss<HubFrame>('answers')
      const device = await world.device({ taps: { in: tap } })
      await device.live()
      await device.list().mutate('todo:create', { id: 'a', text: 'a' }).result
      loss.on = true
      const write = device.list().mutate('todo:create', { id: 'b', text: 'b' })
      await eventually(() => loss.count === 1, { what: 'The lost answer' })
      await world.running.kill()
      loss.on = false
      await world.start()
      const status = await reaches(write, 'parked')
      expect(status).toMatchObject({ reason: 'outcome-unknown', error: { code: 'outcome-unknown' } })
      expect(world.app.runs.get(write.id)).toBe(1)
      expect(await device.list().mutate('todo:create', { id: 'c', text: 'c' }).result).toEqual({
        id: 'c',
        text: 'c',
      })
    },
  )

  scenario('a write that a hub without memory sees for the first time is not doubted', async (world) => {
    await world.start()
    const device = await world.device()
    await device.live()
    await device.list().mutate('todo:create', { id: 'a', text: 'a' }).result
    await world.running.kill()
    await isAway(device)
    await world.start()
    await device.live()
    const write = device.list().mutate('todo:create', { id: 'b', text: 'b' })
    expect(await write.result).toEqual({ id: 'b', text: 'b' })
    expect(world.app.runs.get(write.id)).toBe(1)
  })

  scenario('unsent writes survive a reload, without a hub, and arrive once', async (world) => {
    const directory = await temporaryDirectory()
    const file = join(directory, 'client.db')
    const store = () => openHubFile(join(directory, 'hub.db'))
    await world.start({ store: await store() })
    const page = await world.device({ storage: await openClientFile(file) })
    const list = page.view('home', { persist: true })
    await page.live()
    await page.list().mutate('todo:create', { id: 'a', text: 'a' }).result
    await until(list.view.confirmed$, (todos) => todos?.length === 1)
    await world.running.kill()
    await isAway(page)
    const write = page.list().mutate('todo:create', { id: 'b', text: 'b' })
    const statuses = collect(write.status$)
    await write.saved
    expect(statuses.values.at(-1)).toEqual({ at: 'queued', durable: true })
    await page.close()

    const next = await world.device({ storage: await openClientFile(file) })
    const shown = next.view('home', { persist: true })
    await shown.until((states) => states.at(-1)?.length === 2, {
      what: 'List and pending edit without a hub',
    })
    expect(shown.values.at(-1)?.map(({ id }) => id)).toEqual(['a', 'b'])
    expect(next.client.receipt(write.id)?.status$.get().at).toBe('queued')
    await world.start({ store: await store() })
    await reaches(next.client.receipt(write.id)!, 'applied')
    expect(world.app.runs.get(write.id)).toBe(1)
    await until(shown.view.confirmed$, (todos) => todos?.length === 2)
  })

  scenario('a sent write whose answer was lost survives a reload and takes effect once', async (world) => {
    const directory = await temporaryDirectory()
    const file = join(directory, 'client.db')
    await world.start({ store: await openHubFile(join(directory, 'hub.db')) })
    const { loss, tap } = createLoss<HubFrame>('answers')
    const page = await world.device({ storage: await openClientFile(file), taps: { in: tap } })
    await page.live()
    loss.on = true
    const write = page.list().mutate('todo:create', { id: 'a', text: 'a' })
    await eventually(() => loss.count === 1, { what: 'The lost answer' })
    await page.close()

    const next = await world.device({ storage: await openClientFile(file) })
    const results = collect(
      new Observable<unknown>((subscriber) =>
        next.list().onResult('todo:create', (result) => subscriber.next(result)),
      ),
    )
    next.client.connect()
    await results.until(({ length }) => length === 1, {
      what: 'The result of a write from before the reload',
    })
    expect(results.values).toEqual([{ id: 'a', text: 'a' }])
    expect(world.app.runs.get(write.id)).toBe(1)
  })

  scenario('a handler that asks for patience gets the write again', async (world) => {
    await world.start()
    const device = await world.device()
    await device.live()
    const write = device.list().mutate('obey', { order: 'later', ms: 30 })
    await write.result
    expect(world.app.runs.get(write.id)).toBe(2)
  })

  scenario('clients publish the events that the contract lets them', async (world) => {
    await world.start()
    const [device, other] = [await world.device(), await world.bystander()]
    const cursors = collect(other.list().on('cursor:moved'))
    await device.live()
    await reaches(device.list().publish('cursor:moved', { x: 1 }), 'applied')
    await cursors.until(({ length }) => length === 1)
    expect(cursors.values).toEqual([{ x: 1 }])
  })
}
