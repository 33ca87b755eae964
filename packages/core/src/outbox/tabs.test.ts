import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createHarness, type Harness, todo } from './testing/harness.ts'

let harness: Harness
beforeEach(() => {
  harness = createHarness()
})
afterEach(async () => {
  expect(await harness.close()).toBe(0)
})
const settle = () => harness.settle()
const rows = async (table: 'outbox' | 'streams' | 'meta') =>
  (await harness.storage.open('ada')).entries(table, '')

describe('tabs', () => {
  test('keep to their own part, also when one is duplicated', async () => {
    const first = harness.page('one')
    const receipt = first.outbox.add(todo('first'))
    await receipt.saved
    const client = first.client()
    // sessionStorage is copied with the tab: both claim the same id.
    const second = harness.page('one')
    const other = second.outbox.add(todo('second'))
    await other.saved
    expect(second.client()).not.toBe(client)
    second.connect()
    first.connect()
    await settle()
    expect(harness.hub.received.map((frame) => [frame.client, frame.writes.map(([, id]) => id)])).toEqual(
      expect.arrayContaining([
        [client, [receipt.id]],
        [second.client(), [other.id]],
      ]),
    )
    expect(harness.hub.log).toHaveLength(2)
  })

  test('adopt what a closed tab left, as its own streams, and forget it once it is drained', async () => {
    const closed = harness.page('closed')
    closed.deaf = true
    closed.connect({ writesInFlight: 1 })
    const sent = closed.outbox.add(todo('sent'))
    const queued = closed.outbox.add(todo('queued', { key: 'k' }))
    await settle()
    const client = closed.client()
    await closed.kill()

    const tab = harness.page('tab')
    await tab.outbox.export()
    expect(tab.client()).not.toBe(client)
    expect(tab.outbox.receipt(sent.id)?.status$.get().at).toBe('sent')
    expect(
      tab.outbox
        .pendingOn('todos')
        .get()
        .map(({ id }) => id),
    ).toEqual([sent.id, queued.id])
    const own = tab.outbox.add(todo('own'))
    tab.connect()
    await settle()
    expect(harness.hub.log).toEqual(
      expect.arrayContaining(['sent', 'queued', 'own'].map((data) => `todos:add:"${data}"`)),
    )
    expect(harness.hub.log).toHaveLength(3)
    const theirs = harness.hub.received.filter((frame) => frame.client === client)
    expect(theirs.flatMap(({ writes }) => writes.map(([n, id]) => [n, id]))).toEqual([
      [1, sent.id],
      [1, sent.id],
      [2, queued.id],
    ])
    expect(own.status$.get().at).toBe('applied')
    // The other tab may only have slept.
    const marks = [sent, queued].map(({ id }) => `accepted/${id}`)
    expect((await rows('meta')).map(([key]) => key)).toEqual([...marks, `client/${tab.client()}`])
    expect(await rows('outbox')).toEqual([])
    expect((await rows('streams')).map(([key]) => key)).toEqual([`${tab.client()}/todos`])

    // "Reopen closed tab" brings its sessionStorage back: its numbers must not be used again.
    const reopened = harness.page('closed')
    reopened.connect()
    await reopened.outbox.add(todo('again')).result
    expect(reopened.client()).not.toBe(client)
  })

  test('find a tab that closes later within half a minute, without being told', async () => {
    const [stays, goes] = [harness.page('stays'), harness.page('goes')]
    stays.connect()
    await stays.outbox.add(todo(1)).result
    const receipt = goes.outbox.add(todo(2))
    await settle()
    await harness.time.advance(60_000)
    expect(harness.hub.log).toHaveLength(1)
    await goes.kill()
    await harness.time.advance(30_000)
    await settle()
    expect(harness.hub.ids.at(-1)).toBe(receipt.id)
  })

  test('adopt what a tab leaves at once where locks can be waited for, one of them only', async () => {
    harness.queuesLocks = true
    const [stays, too, goes] = [harness.page('stays'), harness.page('too'), harness.page('goes')]
    for (const page of [stays, too]) {
      page.connect()
      await page.outbox.add(todo(1)).result
    }
    const receipt = goes.outbox.add(todo(2))
    await settle()
    // Who waits learns of tabs that come later at the next look.
    await harness.time.advance(30_000)
    await settle()
    await goes.kill()
    await settle()
    expect(harness.hub.ids.filter((id) => id === receipt.id)).toHaveLength(1)
    expect(await rows('outbox')).toEqual([])
    await stays.outbox.close()
    await too.outbox.close()
  })

  test('get nothing of what a tab discards when its person signs out there', async () => {
    harness.queuesLocks = true
    const [stays, leaves] = [harness.page('stays'), harness.page('leaves')]
    stays.connect()
    await stays.outbox.add(todo(1)).result
    leaves.outbox.add(todo('given up'))
    await settle()
    await harness.time.advance(30_000)
    await leaves.outbox.close('stored')
    await settle()
    expect(harness.hub.log).toEqual(['todos:add:1'])
    expect(await rows('outbox')).toEqual([])
    expect((await rows('meta')).map(([key]) => key)).toEqual([`client/${stays.client()}`])
  })

  test('show the parked writes of a closed tab, and can retry them', async () => {
    harness.hub.judge = ([, , , , data]) => (data === 'bad' ? { reject: { code: 'rejected' } } : undefined)
    const closed = harness.page('closed', { options: { window: 1 } })
    closed.connect()
    const bad = closed.outbox.add(todo('bad', { key: 'k' }))
    const held = closed.outbox.add(todo('held', { key: 'k' }))
    await settle()
    await closed.kill()
    const tab = harness.page('tab')
    tab.connect()
    await settle()
    expect(tab.outbox.parked$.get()).toMatchObject([{ id: bad.id }])
    const mended = await tab.outbox.retry(bad.id, { input: 'mended' })
    await settle()
    expect(harness.hub.ids).toEqual([mended.id, held.id])
    expect((await rows('meta')).map(([key]) => key)).toEqual([`client/${tab.client()}`, `dropped/${bad.id}`])
    expect(await rows('outbox')).toEqual([])
  })

  test('send what they write behind what a closed tab left with the same key', async () => {
    const closed = harness.page('closed')
    closed.outbox.add(todo('theirs 1', { key: 'k' }))
    closed.outbox.add(todo('theirs 2', { key: 'k' }))
    await settle()
    await closed.kill()
    const tab = harness.page('tab')
    await tab.outbox.export()
    tab.outbox.add(todo('ours', { key: 'k' }))
    tab.outbox.add(todo('elsewhere', { key: 'k', channel: 'notes' }))
    await settle()
    tab.connect()
    await settle()
    expect(harness.hub.log.filter((line) => line.startsWith('todos'))).toEqual(
      ['theirs 1', 'theirs 2', 'ours'].map((data) => `todos:add:"${data}"`),
    )
    expect(harness.hub.log[0]).toBe('notes:add:"elsewhere"')
  })

  test('send what was written first first, also where a tab is closed later', async () => {
    const tab = harness.page('tab')
    const goes = harness.page('goes')
    tab.outbox.add(todo('ours 1', { key: 'k' }))
    await harness.time.advance(1_000)
    goes.outbox.add(todo('theirs', { key: 'k' }))
    await harness.time.advance(1_000)
    tab.outbox.add(todo('ours 2', { key: 'k' }))
    await settle()
    await goes.kill()
    await harness.time.advance(30_000)
    await settle()
    tab.connect()
    await settle()
    expect(harness.hub.log).toEqual(['ours 1', 'theirs', 'ours 2'].map((data) => `todos:add:"${data}"`))
  })

  test('hold back a key of which a closed tab left a parked write, until that is dropped', async () => {
    harness.hub.judge = ([, , , , data]) => (data === 'bad' ? { reject: { code: 'rejected' } } : undefined)
    const closed = harness.page('closed')
    closed.connect()
    const bad = closed.outbox.add(todo('bad', { key: 'k' }))
    await settle()
    await closed.kill()
    const tab = harness.page('tab')
    tab.connect()
    await tab.outbox.export()
    const held = tab.outbox.add(todo('held', { key: 'k' }))
    await settle()
    expect(held.status$.get().at).toBe('queued')
    await tab.outbox.discard(bad.id)
    await settle()
    expect(harness.hub.ids).toEqual([held.id])
  })

  test('that slept while another took over let nobody wait for what they can no longer store', async () => {
    const sleeper = harness.page('sleeper')
    const receipt = sleeper.outbox.add(todo('before'))
    await settle()
    sleeper.loseLock()
    let told = false
    void sleeper.outbox.discard(receipt.id).finally(() => {
      told = true
    })
    await settle()
    expect(told).toBe(true)
  })

  test('that slept while another took over start anew, and neither lose nor double', async () => {
    const sleeper = harness.page('sleeper')
    const receipt = sleeper.outbox.add(todo('before', { key: 'k' }))
    await settle()
    const client = sleeper.client()
    const other = harness.page('other')
    await other.outbox.export()
    // The lease runs out: what Web Locks can't do, so the lock is taken away by hand.
    sleeper.loseLock()
    other.connect()
    await harness.time.advance(30_000)
    await settle()
    expect(harness.hub.ids).toEqual([receipt.id])
    sleeper.connect()
    // What the other tab looks after now holds nothing back here.
    const after = sleeper.outbox.add(todo('after', { key: 'k' }))
    await settle()
    await harness.time.advance(30_000)
    await settle()
    expect(sleeper.client()).not.toBe(client)
    expect(harness.hub.ids).toEqual([receipt.id, after.id])
    expect(receipt.status$.get().at).toBe('applied')
    expect(sleeper.outbox.pending$.get()).toEqual([])
  })
})

describe('taking writes from another storage', () => {
  const anonymous = async () => {
    const page = harness.page('tab', { identity: '' })
    const receipts = ['a', 'b'].map((data) => page.outbox.add(todo(data, { key: 'k' })))
    await settle()
    return { page, receipts }
  }

  test('moves what was not sent, in order, with its ids', async () => {
    const { page, receipts } = await anonymous()
    const ada = harness.page('tab')
    const from = await harness.storage.open('')
    expect(await ada.outbox.takeFrom(from)).toBe(0)
    await page.outbox.close()
    expect(await ada.outbox.takeFrom(from)).toBe(2)
    ada.connect()
    await settle()
    expect(harness.hub.ids).toEqual(receipts.map(({ id }) => id))
    expect(await from.entries('outbox', '')).toEqual([])
    expect((await rows('meta')).map(([key]) => key)).toEqual([`client/${ada.client()}`])
    expect(await ada.outbox.takeFrom(from)).toBe(0)
  })

  test('leaves what was sent, and what is parked', async () => {
    harness.hub.judge = ([, , , , data]) => (data === 'bad' ? { reject: { code: 'rejected' } } : undefined)
    const page = harness.page('tab', { identity: '', options: { window: 1 } })
    page.connect()
    page.outbox.add(todo('bad'))
    await settle()
    page.deaf = true
    const sent = page.outbox.add(todo('sent'))
    const queued = page.outbox.add(todo('queued'))
    await settle()
    await page.kill()
    const ada = harness.page('tab')
    const from = await harness.storage.open('')
    expect(await ada.outbox.takeFrom(from)).toBe(1)
    expect(ada.outbox.pending$.get().map(({ id }) => id)).toEqual([queued.id])
    expect((await from.entries('outbox', '')).map(([, value]) => (value as { id: string }).id)).toContain(
      sent.id,
    )
    expect(await from.entries('outbox', '')).toHaveLength(2)
  })

  test('takes none twice when it dies between the two storages', async () => {
    const { page, receipts } = await anonymous()
    await page.kill()
    const ada = harness.page('tab')
    const from = await harness.storage.open('')
    const failing = { ...from, commit: () => Promise.reject(new Error('dead')) }
    await expect(ada.outbox.takeFrom(failing)).rejects.toThrow('dead')
    ada.connect()
    await settle()
    expect(harness.hub.ids).toEqual(receipts.map(({ id }) => id))
    await ada.kill()
    const next = harness.page('tab')
    next.connect()
    expect(await next.outbox.takeFrom(from)).toBe(0)
    await settle()
    expect(harness.hub.ids).toHaveLength(2)
    expect(await from.entries('outbox', '')).toEqual([])
    expect((await rows('meta')).map(([key]) => key)).toEqual([`client/${next.client()}`])
  })
})
