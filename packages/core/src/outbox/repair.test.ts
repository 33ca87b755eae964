import { beforeEach, describe, expect, test } from 'vitest'
import type { OpenStorage } from '../storage/client-storage.ts'
import { type StreamRecord, streamKey, type WriteRecord, writeKey } from './records.ts'
import { createHarness, type Harness, todo } from './testing/harness.ts'

describe('an outbox with a record that cannot be read', () => {
  let harness: Harness
  let storage: OpenStorage
  let client: string
  /** The ids of what was left: one sent, without an answer, and two that were never sent. */
  let ids: readonly string[]

  beforeEach(async () => {
    harness = createHarness()
    const page = harness.page('tab', { options: { window: 1 } })
    page.deaf = true
    page.connect()
    ids = [1, 2, 3].map((data) => page.outbox.add(todo(data)).id)
    await harness.settle()
    await page.kill()
    storage = await harness.storage.open('ada')
    client = page.client()
  })
  const put = (table: 'outbox' | 'streams', key: string, value: unknown) =>
    storage.commit([{ op: 'put', table, key, value }])
  const reopen = async () => {
    const page = harness.page()
    page.connect()
    await harness.settle()
    return page
  }
  const damaged = expect.objectContaining({ code: 'storage-damaged' })

  test('keeps it, reports it, and sends the others', async () => {
    const key = writeKey(client, 2)
    await put('outbox', key, null)
    const page = await reopen()
    expect(harness.hub.ids).toEqual([ids[0], ids[2]])
    expect(page.errors).toEqual([damaged])
    expect(page.errors[0]?.message).toContain(key)
    expect(await storage.get('meta', `damaged/outbox/${key}`)).toBeNull()
    await page.outbox.add(todo(4)).result
    expect(await harness.close()).toBe(0)
  })

  test('gives up the number of one that was sent, so that the others follow', async () => {
    const key = writeKey(client, 1)
    const record = (await storage.get('outbox', key)) as WriteRecord
    await put('outbox', key, { ...record, json: '{"cut off' })
    const page = await reopen()
    expect(harness.hub.ids).toEqual(ids)
    expect(page.errors).toEqual([damaged])
    expect(page.outbox.pending$.get()).toEqual([])
    expect(await storage.entries('outbox', '')).toEqual([])
    expect(await harness.close()).toBe(0)
  })

  test('parks all of a channel as outcome-unknown where its stream is lost, and begins a new one', async () => {
    const key = streamKey(client, 'todos')
    const record = (await storage.get('streams', key)) as StreamRecord
    await put('streams', key, { ...record, next: 0 })
    const page = await reopen()
    expect(harness.hub.ids).toEqual([ids[0]])
    expect(page.outbox.parked$.get().map(({ id, reason }) => [id, reason])).toEqual(
      ids.map((id) => [id, 'outcome-unknown']),
    )
    expect(page.errors).toEqual([damaged])
    await page.outbox.add(todo(4)).result
    await page.outbox.retry(ids[1]!)
    await harness.settle()
    expect(harness.hub.log).toEqual(['todos:add:1', 'todos:add:4', 'todos:add:2'])
    await page.outbox.close()
    const next = await reopen()
    expect(next.errors).toEqual([])
    expect(next.outbox.parked$.get().map(({ id }) => id)).toEqual([ids[0], ids[2]])
    expect(await harness.close()).toBe(0)
  })
})
