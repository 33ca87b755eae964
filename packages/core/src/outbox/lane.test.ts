import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createHarness, type Harness, type Page, todo } from './testing/harness.ts'

let harness: Harness
let page: Page
beforeEach(() => {
  harness = createHarness()
  page = harness.page()
})
afterEach(async () => {
  expect(await harness.close()).toBe(0)
})
const settle = () => harness.settle()
const sent = () => harness.hub.received.flatMap(({ writes }) => writes)

/** Holds commits back until called. */
const closeGate = (): (() => void) => {
  let open!: () => void
  page.gate = new Promise((resolve) => {
    open = resolve
  })
  return () => {
    page.gate = undefined
    open()
  }
}
const refuseOnce = (text: string): void => {
  page.onCommit = (changes) => {
    if (!JSON.stringify(changes).includes(text)) return
    page.onCommit = () => {}
    throw new Error('disk full')
  }
}

describe('while numbers are being stored', () => {
  test('a new session neither sends them early nor twice', async () => {
    const receipt = page.outbox.add(todo(1))
    await receipt.saved
    const open = closeGate()
    page.connect()
    await settle()
    page.disconnect()
    page.connect()
    await settle()
    expect(sent()).toEqual([])
    expect(receipt.status$.get().at).toBe('queued')
    open()
    await settle()
    expect(sent()).toHaveLength(1)
    expect(receipt.status$.get().at).toBe('applied')
  })

  test('a stream that the hub forgot does not park what never left', async () => {
    page.deaf = true
    page.connect()
    const sent = page.outbox.add(todo('sent'))
    await settle()
    const fresh = page.outbox.add(todo('fresh'))
    let open = (): void => {}
    void fresh.saved.then(() => {
      open = closeGate()
    })
    await settle()
    expect(fresh.status$.get().at).toBe('queued')
    page.frames$.next({ type: 'unknown-stream', client: page.client(), channel: 'todos', generation: 1 })
    page.onCommit = () => {
      page.onCommit = () => {}
      throw new Error('disk full')
    }
    page.deaf = false
    open()
    await harness.time.advance(30_000)
    await settle()
    expect(sent.status$.get()).toMatchObject({ at: 'parked', reason: 'outcome-unknown' })
    expect(fresh.status$.get().at).toBe('applied')
    expect(harness.hub.received.at(-1)).toMatchObject({
      generation: 2,
      writes: [[1, fresh.id, 'mutate', 'add', 'fresh', 1]],
    })
  })

  test('a write that is discarded gives its number up', async () => {
    const receipt = page.outbox.add(todo(1))
    await receipt.saved
    const open = closeGate()
    page.connect()
    await settle()
    const discarded = page.outbox.discard(receipt.id)
    await settle()
    open()
    await discarded
    expect(receipt.status$.get().at).toBe('discarded')
    expect(harness.hub.log).toEqual([])
  })
})

describe('when the storage refuses once', () => {
  test('an accepted write is deleted later', async () => {
    page.connect()
    refuseOnce('delete')
    await page.outbox.add(todo(1)).result
    await harness.time.advance(30_000)
    expect(page.errors).toMatchObject([{ code: 'storage-failed' }])
    expect(await (await harness.storage.open('ada')).entries('outbox', '')).toEqual([])
  })

  test('a parked write is stored as such later', async () => {
    harness.hub.judge = () => ({ reject: { code: 'rejected' } })
    page.connect()
    refuseOnce('parked')
    const receipt = page.outbox.add(todo(1))
    await harness.time.advance(30_000)
    await page.kill()
    const next = harness.page()
    await next.outbox.export()
    expect(next.outbox.parked$.get()).toMatchObject([{ id: receipt.id, reason: 'rejected' }])
  })
})

describe('when the hub sends back', () => {
  test('several frames refused for one number are sent again once', async () => {
    page.deaf = true
    page.connect()
    page.outbox.add(todo(1))
    await settle()
    page.deaf = false
    const back = {
      type: 'back',
      client: page.client(),
      channel: 'todos',
      generation: 1,
      expect: 1,
      error: { code: 'try-later', retryAfter: 1_000 },
    } as const
    page.frames$.next(back)
    await harness.time.advance(999)
    page.frames$.next(back)
    page.frames$.next(back)
    await harness.time.advance(1_001)
    expect(harness.hub.received).toHaveLength(2)
    await harness.time.advance(10_000)
    expect(harness.hub.received).toHaveLength(2)
  })

  test('a new session does not go round the wait that it asked for, and only names the stream', async () => {
    harness.hub.judge = () => ({ back: { code: 'rate-limited', retryAfter: 60_000 } })
    page.connect()
    const receipt = page.outbox.add(todo(1))
    await settle()
    harness.hub.judge = () => undefined
    page.disconnect()
    page.connect()
    await harness.time.advance(59_000)
    expect(harness.hub.received).toMatchObject([
      { writes: [[1, receipt.id, 'mutate', 'add', 1, 1]] },
      { client: page.client(), channel: 'todos', generation: 1, writes: [] },
    ])
    await harness.time.advance(61_001)
    expect(receipt.status$.get().at).toBe('applied')
  })
})

test('writes of two channels are deleted without touching each other', async () => {
  harness.hub.judge = (_write, channel) =>
    channel === 'slow' ? { back: { code: 'try-later', retryAfter: 1e6 } } : undefined
  const slow = []
  for (let data = 0; data < 6; data++) {
    page.outbox.add(todo(data))
    slow.push(page.outbox.add(todo(data, { channel: 'slow' })).id)
  }
  page.connect()
  await settle()
  await page.kill()
  const next = harness.page()
  await next.outbox.export()
  expect(next.outbox.pending$.get().map(({ id }) => id)).toEqual(slow)
})

test('a write with the key of one that is being retried comes after it', async () => {
  harness.hub.judge = ([, , , , data]) => (data === 'bad' ? { reject: { code: 'rejected' } } : undefined)
  page.connect()
  const bad = page.outbox.add(todo('bad', { key: 'k' }))
  await settle()
  const before = page.outbox.add(todo('before', { key: 'k' }))
  await settle()
  const open = closeGate()
  const retrying = page.outbox.retry(bad.id, { input: 'mended' })
  await settle()
  // Saved at once, while the retry still waits for its commit.
  page.gate = undefined
  const during = page.outbox.add(todo('during', { key: 'k' }))
  await during.saved
  expect(before.status$.get().at).toBe('queued')
  open()
  await retrying
  await settle()
  expect(harness.hub.log).toEqual(['mended', 'before', 'during'].map((data) => `todos:add:"${data}"`))
})
