import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createHarness, type Harness, type Page, todo } from './testing/harness.ts'

let harness: Harness
beforeEach(() => {
  harness = createHarness()
})
afterEach(async () => {
  expect(await harness.close()).toBe(0)
})
const fill = (page: Page): void => {
  page.onCommit = () => {
    throw new Error('disk full')
  }
}
const makeRoom = (page: Page): void => {
  page.onCommit = () => {}
}
const clients = async () =>
  (await (await harness.storage.open('ada')).entries('meta', 'client/')).map(([key]) => key)

describe('a disk that is full when the page opens', () => {
  test('is tried again until there is room, and said once; writes fail meanwhile', async () => {
    const page = harness.page()
    fill(page)
    page.connect()
    const early = page.outbox.add(todo('early'))
    await expect(early.saved).rejects.toMatchObject({ code: 'storage-failed' })
    await harness.time.advance(120_000)
    expect(page.outbox.loaded$.get()).toBe(false)
    expect(page.outbox.add(todo('meanwhile')).status$.get()).toMatchObject({ at: 'failed' })
    await expect(page.outbox.export()).rejects.toMatchObject({ code: 'storage-failed' })
    expect(page.errors).toMatchObject([{ code: 'storage-failed' }])
    makeRoom(page)
    await harness.time.advance(30_000)
    await harness.settle()
    expect(page.outbox.loaded$.get()).toBe(true)
    await page.outbox.add(todo('late')).result
    expect(harness.hub.log).toEqual(['todos:add:"late"'])
    expect(await clients()).toEqual([`client/${page.client()}`])
  })

  test('keeps back what closed tabs left only until there is room', async () => {
    const closed = harness.page('closed')
    const left = closed.outbox.add(todo('left'))
    await left.saved
    await closed.kill()
    const page = harness.page()
    fill(page)
    page.connect()
    await harness.time.advance(60_000)
    expect(harness.hub.log).toEqual([])
    makeRoom(page)
    await harness.time.advance(30_000)
    await harness.settle()
    expect(harness.hub.ids).toEqual([left.id])
  })

  test('is not tried again by a page that is closed', async () => {
    const page = harness.page()
    fill(page)
    await page.outbox.start()
    expect(harness.time.timers).toBe(1)
    await page.outbox.close()
    expect(harness.time.timers).toBe(0)
  })
})

test('a part that could not be read is free for the next try', async () => {
  const before = harness.page()
  const left = before.outbox.add(todo('left'))
  await left.saved
  const client = before.client()
  await before.kill()
  let fails = true
  const page = harness.page('tab', {
    open: async () => {
      const opened = await harness.storage.open('ada')
      return {
        ...opened,
        entries: async (table, prefix) => {
          if (fails && table === 'streams') throw new Error('I/O')
          return opened.entries(table, prefix)
        },
      }
    },
  })
  await page.outbox.start()
  expect(page.errors).toMatchObject([{ code: 'storage-failed' }])
  fails = false
  await harness.time.advance(30_000)
  await harness.settle()
  expect(page.client()).toBe(client)
  expect(page.outbox.pending$.get().map(({ id }) => id)).toEqual([left.id])
})

test('a tab that slept while another took over starts anew once there is room', async () => {
  const page = harness.page()
  await page.outbox.add(todo('before')).saved
  page.loseLock()
  const first = page.outbox.add(todo('lost'))
  fill(page)
  await harness.time.advance(10_000)
  await harness.settle()
  expect(first.status$.get().at).not.toBe('queued')
  makeRoom(page)
  await harness.time.advance(60_000)
  await harness.settle()
  page.connect()
  await page.outbox.add(todo('after')).result
  expect(harness.hub.log).toContain('todos:add:"after"')
})
