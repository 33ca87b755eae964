import { describe, expect, it } from 'vitest'
import type { OpenStorage } from '../storage/client-storage.ts'
import type { PendingWrite } from './outbox.ts'
import { deleteAll } from './records.ts'
import { firstRecords } from './testing/first-records.ts'
import { createHarness, type Harness, type Page } from './testing/harness.ts'
import { leave } from './testing/leave.ts'

const put = async (storage: OpenStorage): Promise<void> => {
  await storage.commit([deleteAll('outbox'), deleteAll('streams'), deleteAll('meta')])
  await storage.commit(firstRecords.map(([table, key, value]) => ({ op: 'put', table, key, value })))
}
const idOf = (channel: string, data: string): string => {
  const values = firstRecords.map(([, , value]) => value as { id: string; channel: string; json: string })
  return values.find((value) => value.channel === channel && value.json === JSON.stringify(data))!.id
}
/** Where each write of a channel is in the end, and why. */
const fates = (page: Page, channel: string) =>
  Object.fromEntries(
    ['bad', 'unanswered', 'queued'].map((data) => {
      const status = page.outbox.receipt(idOf(channel, data))?.status$.get()
      return [data, status?.at === 'parked' ? status.reason : status?.at]
    }),
  )
const open = async (harness: Harness, context?: Parameters<Harness['page']>[1]): Promise<Page> => {
  const page = harness.page('tab', context)
  page.connect()
  await harness.settle()
  return page
}

describe('records of the first outbox', () => {
  it('are what this version writes: its own would be opened by it too', async () => {
    const { harness, storage } = await leave()
    const rows: unknown[] = []
    for (const table of ['outbox', 'streams', 'meta'] as const)
      for (const [key, value] of await storage.entries(table, '')) rows.push([table, key, value])
    expect(JSON.parse(JSON.stringify(rows))).toEqual(firstRecords)
    expect(await harness.close()).toBe(0)
  })

  it('go on where they were: what was sent is asked after, what waited is sent, what was refused stays refused', async () => {
    const { harness, storage } = await leave()
    await put(storage)
    const page = await open(harness)
    for (const channel of ['todos', 'board'])
      expect(fates(page, channel)).toEqual({ bad: 'rejected', unanswered: 'applied', queued: 'applied' })
    for (const channel of ['todos', 'board'])
      expect(harness.hub.log.filter((line) => line.startsWith(channel))).toEqual([
        `${channel}:add:"first"`,
        `${channel}:add:"unanswered"`,
        `${channel}:add:"queued"`,
      ])
    expect(page.errors).toEqual([])
    expect(await harness.close()).toBe(0)
  })

  it('are sent to no hub that does not know them, if they may be done already', async () => {
    const harness = createHarness()
    await put(await harness.storage.open('ada'))
    const page = await open(harness)
    await harness.time.advance(60_000)
    await harness.settle()
    for (const channel of ['todos', 'board'])
      expect(fates(page, channel)).toEqual({
        bad: 'rejected',
        unanswered: 'outcome-unknown',
        queued: 'applied',
      })
    expect(harness.hub.log.toSorted()).toEqual(['board:add:"queued"', 'todos:add:"queued"'])
    expect(page.errors).toEqual([])
    expect(await harness.close()).toBe(0)
  })

  it('of an older contract are upgraded before they are sent, or parked; what was sent stays as it was', async () => {
    const { harness, storage } = await leave()
    await put(storage)
    const asked: unknown[] = []
    const page = await open(harness, {
      contractVersion: () => 2,
      upgrade: (
        channel: string,
        { name, data, version }: Pick<PendingWrite, 'name' | 'data'> & { version: number },
      ) => {
        asked.push([channel, name, data, version])
        return channel === 'todos' ? { name: 'add-2', data: { text: data } } : undefined
      },
    })
    expect(fates(page, 'todos')).toEqual({ bad: 'rejected', unanswered: 'applied', queued: 'applied' })
    expect(fates(page, 'board')).toEqual({
      bad: 'rejected',
      unanswered: 'applied',
      queued: 'contract-outdated',
    })
    expect(asked.toSorted()).toEqual([
      ['board', 'add', 'queued', 1],
      ['todos', 'add', 'queued', 1],
    ])
    expect(harness.hub.log.slice(2)).toEqual([
      'todos:add:"unanswered"',
      'board:add:"unanswered"',
      'todos:add-2:{"text":"queued"}',
    ])
    expect(await harness.close()).toBe(0)
  })
})
