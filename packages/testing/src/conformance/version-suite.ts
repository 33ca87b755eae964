import { join } from 'node:path'
import { defineChannel, type OldWrite, type } from '@syncline/core'
import { expect } from 'vitest'
import { eventually, until } from '../until.ts'
import { openClientFile, temporaryDirectory } from './files.ts'
import { runName } from './run-name.ts'
import type { Scenario } from './scenario.ts'
import type { World } from './world.ts'

interface Named {
  readonly title: string
}
interface Titled extends Named {
  readonly done: boolean
}

const notes = `notes-${runName}` as 'notes'
const noteV1 = defineChannel(notes, {
  version: 1,
  snapshot: type<readonly Named[]>(),
  events: { 'note:added': type<Named>() },
  mutations: { 'note:add': { input: type<Named>() } },
})
const noteV2 = (upgradeWrite?: (write: OldWrite) => Pick<OldWrite, 'name' | 'data'> | undefined) =>
  defineChannel(notes, {
    version: 2,
    snapshot: type<readonly Titled[]>(),
    events: { 'note:added': type<Titled>() },
    mutations: { 'note:create': { input: type<Titled>() } },
    ...(upgradeWrite && { upgradeWrite }),
  })
const upgraded = (write: OldWrite) =>
  write.name === 'note:add'
    ? { name: 'note:create', data: { ...(write.data as Named), done: false } }
    : undefined

const serveV2 = (world: World, contract: ReturnType<typeof noteV2>, taken: Titled[]) =>
  world.running.hub.serve(contract, {
    snapshot: () => taken,
    mutations: {
      'note:create': ({ input, publish }) => {
        taken.push(input)
        publish('note:added', input)
      },
    },
  })

/** A page of the old app writes, without a hub, and goes away. */
const writeUnderV1 = async (world: World, file: string): Promise<string> => {
  const page = await world.device({ storage: await openClientFile(file) })
  page.proxy.refuse()
  const write = page.client.channel(noteV1).mutate('note:add', { title: 'old' })
  await write.saved
  await page.close()
  return write.id
}

/** The hub can upgrade what an older page writes. */
const understandsOldPage = async (world: World): Promise<void> => {
  await world.start()
  const taken: Titled[] = []
  serveV2(world, noteV2(upgraded), taken)
  const page = await world.device()
  await page.client.channel(noteV1).mutate('note:add', { title: 'old page' }).result
  expect(taken).toEqual([{ title: 'old page', done: false }])
  await page.close()
}

/** It cannot: the write is parked where it is, and the page goes on as soon as it is loaded again. */
const tellsOldPage = async (world: World): Promise<void> => {
  const file = join(await temporaryDirectory(), 'client.db')
  await world.start()
  const other = await world.bystander()
  const taken: Titled[] = []
  const contract = noteV2()
  serveV2(world, contract, taken)
  const page = await world.device({ storage: await openClientFile(file) })
  const write = page.client.channel(noteV1).mutate('note:add', { title: 'old page' })
  const outdated = { reason: 'contract-outdated', error: { code: 'contract-outdated' } }
  expect(await until(write.status$, ({ at }) => at === 'parked')).toMatchObject(outdated)
  expect(page.statuses.values.map(({ at }) => at)).toEqual(['idle', 'connecting', 'connected'])
  await page.close()

  const reloaded = await world.device({ storage: await openClientFile(file) })
  await reloaded.client.channel(contract).mutate('note:create', { title: 'new', done: true }).result
  expect(taken).toEqual([{ title: 'new', done: true }])
  expect(reloaded.client.outbox.parked$.get()).toMatchObject([{ id: write.id, ...outdated }])
  await other.goesOn()
}

/** Rule 14: what was stored under an older contract is upgraded or parked, never misread. */
export const versionSuite = (scenario: Scenario): void => {
  scenario('an old write in the outbox is upgraded by the new contract', async (world) => {
    const file = join(await temporaryDirectory(), 'client.db')
    await world.start()
    const taken: Titled[] = []
    const contract = noteV2(upgraded)
    // The hub cannot upgrade it.
    serveV2(world, noteV2(), taken)
    const id = await writeUnderV1(world, file)

    const page = await world.device({ storage: await openClientFile(file) })
    page.client.channel(contract)
    await page.connected()
    await eventually(() => taken.length === 1, { what: 'The upgraded write' })
    expect(taken).toEqual([{ title: 'old', done: false }])
    const receipt = page.client.receipt(id)
    if (receipt) await until(receipt.status$, ({ at }) => at === 'applied')
  })

  scenario(
    'an old write without an upgrade is parked as contract-outdated, and new ones go on',
    async (world) => {
      const file = join(await temporaryDirectory(), 'client.db')
      await world.start()
      const taken: Titled[] = []
      const contract = noteV2()
      serveV2(world, contract, taken)
      const id = await writeUnderV1(world, file)

      const page = await world.device({ storage: await openClientFile(file) })
      const notes = page.client.channel(contract)
      await page.connected()
      const parked = await until(page.client.outbox.parked$, ({ length }) => length === 1, {
        what: 'The parked write',
      })
      expect(parked).toMatchObject([
        { id, reason: 'contract-outdated', error: { code: 'contract-outdated' } },
      ])
      await notes.mutate('note:create', { title: 'new', done: true }).result
      expect(taken).toEqual([{ title: 'new', done: true }])
    },
  )

  scenario(
    'a page of an older contract is understood by a newer hub, or told that it is outdated',
    async (world) => {
      await understandsOldPage(world)
      await world.running.stop()
      await tellsOldPage(world)
    },
  )
}
