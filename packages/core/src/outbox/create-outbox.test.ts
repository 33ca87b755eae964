import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createMemoryKeeper } from './memory-keeper.ts'
import type { ReceiptStatus } from './receipt.ts'
import { createHarness, type Harness, todo } from './testing/harness.ts'

let harness: Harness
beforeEach(() => {
  harness = createHarness()
})
afterEach(async () => {
  expect(await harness.close()).toBe(0)
})

const settle = () => harness.settle()
const statuses = (receipt: { status$: { subscribe(next: (status: ReceiptStatus) => void): unknown } }) => {
  const seen: string[] = []
  receipt.status$.subscribe(({ at }) => seen.push(at))
  return seen
}

describe('a write', () => {
  test('goes from saving to applied, its result beside it', async () => {
    const page = harness.page()
    page.connect()
    const receipt = page.outbox.add(todo({ text: 'milk' }))
    const seen = statuses(receipt)
    await receipt.saved
    expect(receipt.status$.get()).toEqual({ at: 'queued', durable: true })
    expect(await receipt.result).toEqual({ n: 1, data: { text: 'milk' } })
    expect(seen).toEqual(['saving', 'queued', 'sent', 'accepted', 'applied'])
    expect(harness.hub.log).toEqual(['todos:add:{"text":"milk"}'])
    await settle()
    const left = await (await harness.storage.open('ada')).entries('outbox', '')
    expect(left).toEqual([])
  })

  test('is a frozen copy of its data', async () => {
    const page = harness.page()
    const data = { list: [1] }
    const receipt = page.outbox.add(todo(data))
    data.list.push(2)
    page.connect()
    await receipt.result
    expect(harness.hub.log).toEqual(['todos:add:{"list":[1]}'])
    expect(receipt.input).toEqual({ list: [1] })
  })

  test('goes out as it was taken, whatever becomes of what the receipt shows', async () => {
    const page = harness.page()
    const receipt = page.outbox.add(todo({ list: [1] }))
    const shown = receipt.input as { list: number[] }
    shown.list.push(2)
    page.connect()
    await receipt.result
    expect(harness.hub.log).toEqual(['todos:add:{"list":[1]}'])
  })

  test('is found by its id for a while after its end', async () => {
    const page = harness.page()
    page.connect()
    const receipts = Array.from({ length: 1_000 }, (_, n) => page.outbox.add(todo(n)))
    await Promise.all(receipts.map(({ result }) => result))
    await settle()
    const found = receipts.filter(({ id }) => page.outbox.receipt(id) !== undefined)
    expect(found).toEqual(receipts.slice(-found.length))
    expect(found.length).toBeGreaterThanOrEqual(256)
    expect(found.length).toBeLessThanOrEqual(512)
  })

  test('is counted on its channel until it is accepted, parked or dropped', async () => {
    const page = harness.page()
    const waiting$ = page.outbox.waitingOn('todos')
    const seen: number[] = []
    waiting$.subscribe((count) => seen.push(count))
    page.hasPassed = () => false
    harness.hub.judge = ([, , , , data]) => (data === 'bad' ? { reject: { code: 'rejected' } } : undefined)
    const [, dropped] = ['good', 'dropped', 'bad'].map((data) => page.outbox.add(todo(data)))
    page.outbox.add(todo('elsewhere', { channel: 'notes' }))
    await settle()
    expect(waiting$.get()).toBe(3)
    await page.outbox.discard(dropped!.id)
    expect(waiting$.get()).toBe(2)
    page.connect()
    await settle()
    expect(waiting$.get()).toBe(0)
    expect(page.outbox.pendingOn('todos').get()).toHaveLength(1)
    expect(seen).toEqual([0, 3, 2, 0])
    await page.outbox.retry(page.outbox.parked$.get()[0]!.id)
    expect(waiting$.get()).toBe(1)
  })

  test('is not counted any more once its person has signed out', async () => {
    const page = harness.page()
    await page.outbox.add(todo(1)).saved
    const waiting$ = page.outbox.waitingOn('todos')
    expect(waiting$.get()).toBe(1)
    await page.outbox.close('shown')
    expect(waiting$.get()).toBe(0)
  })

  test('that an earlier page left is counted', async () => {
    const page = harness.page()
    await page.outbox.add(todo(1)).saved
    await page.kill()
    const next = harness.page()
    await next.outbox.start()
    expect(next.outbox.waitingOn('todos').get()).toBe(1)
  })

  test('is stored before it is queued, and marked sent before it leaves', async () => {
    const page = harness.page()
    const order: string[] = []
    page.onCommit = (changes) => {
      for (const change of changes) if (change.table !== 'meta') order.push(`${change.op} ${change.table}`)
    }
    const receive = harness.hub.receive
    harness.hub.receive = (frame) => {
      order.push('frame')
      return receive(frame)
    }
    page.connect()
    const receipt = page.outbox.add(todo(1))
    receipt.status$.subscribe(({ at }) => order.push(at))
    await receipt.result
    await settle()
    expect(order).toEqual([
      'saving',
      'put outbox',
      'queued',
      'put streams',
      'sent',
      'frame',
      'accepted',
      'applied',
      'delete outbox',
      'put streams',
    ])
  })

  test('waits for its effects to be delivered before it is applied', async () => {
    const page = harness.page()
    let position = 0
    page.hasPassed = (effects) => effects.every((effect) => effect.position.seq <= position)
    page.connect()
    const [first, second] = [page.outbox.add(todo(1)), page.outbox.add(todo(2))]
    await second.result
    expect(first.status$.get()).toEqual({
      at: 'accepted',
      effects: [{ channel: 'todos', position: { epoch: 'e', seq: 1 } }],
    })
    const pending$ = page.outbox.pendingOn('todos')
    expect(pending$.get().map(({ data, effects }) => [data, effects?.length])).toEqual([
      [1, 1],
      [2, 1],
    ])
    position = 1
    page.outbox.progress()
    expect(first.status$.get().at).toBe('applied')
    expect(second.status$.get().at).toBe('accepted')
    expect(pending$.get().map(({ data }) => data)).toEqual([2])
  })

  test('that is no JSON fails at once', async () => {
    const page = harness.page()
    const receipt = page.outbox.add(todo({ big: 1n }))
    await expect(receipt.saved).rejects.toMatchObject({ code: 'schema-violation' })
    await expect(receipt.result).rejects.toMatchObject({ code: 'schema-violation' })
  })

  test('that the storage refuses fails with its error, and others go on', async () => {
    const page = harness.page()
    page.onCommit = (changes) => {
      if (JSON.stringify(changes).includes('bad')) throw new Error('quota')
    }
    page.connect()
    const bad = page.outbox.add(todo('bad'))
    const good = page.outbox.add(todo('good'))
    await expect(bad.saved).rejects.toMatchObject({ code: 'storage-failed' })
    await good.result
    expect(harness.hub.log).toEqual(['todos:add:"good"'])
    expect(page.outbox.pending$.get()).toEqual([])
  })

  test('fails when the storage cannot be opened', async () => {
    const page = harness.page('tab', { open: () => Promise.reject(new Error('private mode')) })
    const first = page.outbox.add(todo(1))
    await expect(first.saved).rejects.toMatchObject({ code: 'storage-failed' })
    expect(page.outbox.add(todo(2)).status$.get()).toMatchObject({ at: 'failed' })
    expect(page.errors).toMatchObject([{ code: 'storage-failed' }])
  })

  test('fails with outbox-full past the bounds, and with closed at the end', async () => {
    const page = harness.page('tab', { options: { maxWrites: 2, maxBytes: 1_000 } })
    const kept = [page.outbox.add(todo(1)), page.outbox.add(todo(2))]
    await expect(page.outbox.add(todo(3)).saved).rejects.toMatchObject({ code: 'outbox-full' })
    page.connect()
    await Promise.all(kept.map(({ result }) => result))
    await expect(page.outbox.add(todo('x'.repeat(1_000))).saved).rejects.toMatchObject({
      code: 'outbox-full',
    })
    await page.outbox.add(todo(4)).saved
    await page.outbox.close()
    await expect(page.outbox.add(todo(5)).saved).rejects.toMatchObject({ code: 'closed' })
  })

  test('says that it is not durable with memory storage, which then is not asked for each write', async () => {
    const page = harness.page('tab', { keeper: createMemoryKeeper })
    await page.outbox.export()
    const before = page.commits
    const receipt = page.outbox.add(todo(1))
    expect(receipt.status$.get()).toEqual({ at: 'queued', durable: false })
    page.connect()
    await receipt.result
    expect(page.commits).toBe(before)
    page.disconnect()
    page.outbox.add(todo(2))
    await page.outbox.close()
    const next = harness.page('tab', { keeper: createMemoryKeeper })
    next.connect()
    await settle()
    expect(harness.hub.log).toEqual(['todos:add:1', 'todos:add:2'])
  })
})

describe('write streams', () => {
  test('keep within the smaller window, and frames within their bytes', async () => {
    const page = harness.page('tab', { options: { window: 50 } })
    const receipts = Array.from({ length: 25 }, (_, index) => page.outbox.add(todo('x'.repeat(index * 10))))
    page.connect({ writesInFlight: 10, frameBytes: 1_000 })
    await Promise.all(receipts.map(({ result }) => result))
    expect(harness.hub.log).toHaveLength(25)
    let highest = 0
    for (const frame of harness.hub.received) {
      expect(JSON.stringify(frame).length).toBeLessThanOrEqual(1_000)
      expect(frame.writes.length).toBeLessThanOrEqual(10)
      for (const [n] of frame.writes) expect(n).toBe(++highest)
      expect(highest - frame.answered).toBeLessThanOrEqual(10)
    }
  })

  test('repeat with the same numbers and bytes what got no answer', async () => {
    const page = harness.page()
    page.deaf = true
    page.connect()
    const receipts = [page.outbox.add(todo('a')), page.outbox.add(todo('b'))]
    await settle()
    expect(receipts.map(({ status$ }) => status$.get().at)).toEqual(['sent', 'sent'])
    page.disconnect()
    page.deaf = false
    page.connect()
    await Promise.all(receipts.map(({ result }) => result))
    expect(harness.hub.log).toHaveLength(2)
    const [first, second] = harness.hub.received
    expect(second).toEqual(first)
  })

  test('tell the hub which answers it may forget', async () => {
    const page = harness.page()
    page.connect()
    await page.outbox.add(todo(1)).result
    await page.outbox.add(todo(2)).result
    await settle()
    await page.outbox.add(todo(3)).result
    expect(harness.hub.received.map(({ answered }) => answered)).toEqual([0, 1, 2])
  })

  test('go back to the number that the hub expects, waiting as long as it asks', async () => {
    const page = harness.page()
    let refusals = 0
    harness.hub.judge = ([n]) =>
      n === 2 && refusals++ < 2 ? { back: { code: 'rate-limited', retryAfter: 5_000 } } : undefined
    page.connect()
    const receipts = [1, 2, 3].map((data) => page.outbox.add(todo(data)))
    await settle()
    expect(harness.hub.log).toHaveLength(1)
    await harness.time.advance(4_999)
    expect(harness.hub.received).toHaveLength(1)
    page.outbox.add(todo(4))
    await harness.time.advance(60_000)
    await Promise.all(receipts.map(({ result }) => result))
    expect(harness.hub.log).toEqual([1, 2, 3, 4].map((data) => `todos:add:${data}`))
    expect(harness.hub.received[1]?.writes.map(([n]) => n)).toEqual([2, 3])
  })

  test('back off further while the same number is refused, and not past a new session', async () => {
    const page = harness.page()
    harness.hub.judge = () => ({ back: { code: 'store-unavailable' } })
    page.connect()
    const receipt = page.outbox.add(todo(1))
    await harness.time.advance(600_000)
    const tries = harness.hub.received.length
    expect(tries).toBeGreaterThan(15)
    expect(tries).toBeLessThan(80)
    harness.hub.judge = () => undefined
    page.disconnect()
    page.connect()
    await settle()
    expect(receipt.status$.get().at).toBe('applied')
  })

  test('park what was sent when the hub forgot the stream, and go on from 1 with the rest', async () => {
    const page = harness.page('tab', { options: { window: 2 } })
    page.connect()
    await page.outbox.add(todo('before')).result
    page.deaf = true
    const sent = [page.outbox.add(todo('a')), page.outbox.add(todo('b'))]
    const queued = page.outbox.add(todo('c'))
    await settle()
    harness.hub.forget()
    page.disconnect()
    page.deaf = false
    page.connect()
    await queued.result
    expect(sent.map(({ status$ }) => status$.get())).toMatchObject([
      { at: 'parked', reason: 'outcome-unknown', error: { code: 'outcome-unknown' } },
      { at: 'parked', reason: 'outcome-unknown' },
    ])
    const last = harness.hub.received.at(-1)
    expect(last).toMatchObject({
      generation: 2,
      answered: 0,
      writes: [[1, queued.id, 'mutate', 'add', 'c', 1]],
    })
  })

  test('notice a hub restored from a backup by a number that is no longer there', async () => {
    const page = harness.page()
    page.connect()
    await page.outbox.add(todo(1)).result
    const restore = harness.hub.backup()
    await page.outbox.add(todo(2)).result
    await settle()
    page.deaf = true
    const unknown = page.outbox.add(todo(3))
    await settle()
    restore()
    page.disconnect()
    page.deaf = false
    page.connect()
    await settle()
    const after = page.outbox.add(todo(4))
    await after.result
    expect(unknown.status$.get()).toMatchObject({ at: 'parked', reason: 'outcome-unknown' })
    expect(harness.hub.log).toEqual(['todos:add:1', 'todos:add:4'])
  })

  test('go again where only the restored hub has seen them: it says that it took nothing', async () => {
    const page = harness.page()
    page.connect()
    await page.outbox.add(todo(1)).result
    const restore = harness.hub.backup()
    await page.outbox.add(todo(2)).result
    await settle()
    page.disconnect()
    restore()
    page.connect()
    await settle()
    const after = page.outbox.add(todo(3))
    await settle()
    expect(after.status$.get().at).toBe('applied')
    expect(harness.hub.log).toEqual(['todos:add:1', 'todos:add:3'])
  })

  test('ignore answers that are repeated or strange, and report one that is for another write', async () => {
    const page = harness.page()
    page.deaf = true
    page.connect()
    const results: unknown[] = []
    page.outbox.results$.subscribe(({ id }) => results.push(id))
    const receipt = page.outbox.add(todo(1))
    await settle()
    const address = { client: page.client(), channel: 'todos', generation: 1 }
    page.frames$.next({ type: 'answers', ...address, answers: [[1, 'other', 'accepted', 1, []]] })
    page.frames$.next({ type: 'answers', ...address, answers: [[7, receipt.id, 'accepted', 1, []]] })
    page.frames$.next({
      type: 'answers',
      ...address,
      generation: 2,
      answers: [[1, receipt.id, 'accepted', 1, []]],
    })
    page.frames$.next({
      type: 'answers',
      ...address,
      client: 'x',
      answers: [[1, receipt.id, 'accepted', 1, []]],
    })
    await settle()
    expect(page.errors).toMatchObject([{ code: 'write-conflict' }])
    expect(receipt.status$.get().at).toBe('sent')
    const good = [1, receipt.id, 'accepted', 'yes', []] as const
    page.frames$.next({ type: 'answers', ...address, answers: [good, good] })
    page.frames$.next({ type: 'answers', ...address, answers: [good] })
    expect(await receipt.result).toBe('yes')
    expect(results).toEqual([receipt.id])
  })

  test('are not marked when the storage refuses, and go once it works again', async () => {
    const page = harness.page()
    const receipt = page.outbox.add(todo(1))
    await receipt.saved
    page.onCommit = () => {
      throw new Error('disk full')
    }
    page.connect()
    await harness.time.advance(5_000)
    expect(receipt.status$.get().at).toBe('queued')
    expect(harness.hub.received).toEqual([])
    expect(page.errors[0]).toMatchObject({ code: 'storage-failed' })
    page.onCommit = () => {}
    await harness.time.advance(30_000)
    expect(receipt.status$.get().at).toBe('applied')
    expect(harness.hub.received[0]?.writes[0]?.[0]).toBe(1)
  })
})

describe('parked writes', () => {
  const refuse = (...bad: unknown[]) => {
    harness.hub.judge = ([, , , , data]) =>
      bad.includes(data) ? { reject: { code: 'rejected', detail: 'no' } } : undefined
  }

  test('stay with their reason while others go on', async () => {
    refuse('bad')
    const page = harness.page()
    page.connect()
    const [bad, good] = [page.outbox.add(todo('bad')), page.outbox.add(todo('good'))]
    await good.result
    await expect(bad.result).rejects.toMatchObject({ code: 'rejected', detail: 'no' })
    expect(page.outbox.parked$.get()).toMatchObject([
      { id: bad.id, reason: 'rejected', error: { code: 'rejected' } },
    ])
    expect(page.outbox.pending$.get()).toEqual([])
    expect(page.outbox.pendingOn('todos').get()).toEqual([])
  })

  test('are of unknown outcome when the handler timed out', async () => {
    harness.hub.judge = () => ({ reject: { code: 'handler-timeout' } })
    const page = harness.page()
    page.connect()
    const receipt = page.outbox.add(todo(1))
    await settle()
    expect(receipt.status$.get()).toMatchObject({
      reason: 'outcome-unknown',
      error: { code: 'handler-timeout' },
    })
  })

  test('hold back the unsent writes with their key only, until discarded', async () => {
    refuse('bad')
    const page = harness.page()
    const bad = page.outbox.add(todo('bad', { key: 'k' }))
    const held = page.outbox.add(todo('held', { key: 'k' }))
    page.outbox.add(todo('other', { key: 'j' }))
    page.outbox.add(todo('free'))
    page.outbox.add(todo('elsewhere', { key: 'k', channel: 'board' }))
    page.connect()
    await settle()
    expect(harness.hub.log).toEqual(
      expect.arrayContaining(['todos:add:"other"', 'todos:add:"free"', 'board:add:"elsewhere"']),
    )
    expect(harness.hub.log).toHaveLength(3)
    expect(held.status$.get().at).toBe('queued')
    expect(page.outbox.pending$.get().map(({ id }) => id)).toEqual([held.id])
    await page.outbox.discard(bad.id)
    expect(bad.status$.get().at).toBe('discarded')
    await held.result
    expect(harness.hub.log.at(-1)).toBe('todos:add:"held"')
  })

  test('are retried as new writes at the tail, those that they held back behind them', async () => {
    refuse('bad')
    const page = harness.page('tab', { options: { window: 1 } })
    const bad = page.outbox.add(todo('bad', { key: 'k' }))
    const held = ['b', 'c'].map((data) => page.outbox.add(todo(data, { key: 'k' })))
    page.connect()
    await settle()
    page.disconnect()
    const retried = await page.outbox.retry(bad.id, { input: 'mended' })
    expect(retried.id).not.toBe(bad.id)
    expect(retried).toMatchObject({
      channel: 'todos',
      kind: 'mutate',
      name: 'add',
      key: 'k',
      input: 'mended',
    })
    expect(bad.status$.get().at).toBe('discarded')
    expect(page.outbox.parked$.get()).toEqual([])
    const last = page.outbox.add(todo('d', { key: 'k' }))
    await last.saved
    expect(page.outbox.pending$.get().map(({ input }) => input)).toEqual(['mended', 'b', 'c', 'd'])
    await page.kill()
    const next = harness.page('tab', { options: { window: 1 } })
    next.connect()
    await settle()
    expect(harness.hub.log).toEqual(['mended', 'b', 'c', 'd'].map((data) => `todos:add:"${data}"`))
    expect(harness.hub.ids.slice(1, 3)).toEqual(held.map(({ id }) => id))
  })

  test('stay parked when the retry cannot be stored', async () => {
    refuse('bad')
    const page = harness.page('tab', { options: { window: 1 } })
    page.connect()
    const bad = page.outbox.add(todo('bad', { key: 'k' }))
    const held = page.outbox.add(todo('held', { key: 'k' }))
    await settle()
    page.onCommit = () => {
      throw new Error('full')
    }
    await expect(page.outbox.retry(bad.id)).rejects.toMatchObject({ code: 'storage-failed' })
    expect(page.outbox.parked$.get().map(({ id }) => id)).toEqual([bad.id])
    page.onCommit = () => {}
    expect(page.outbox.pending$.get().map(({ id }) => id)).toEqual([held.id])
    refuse()
    const [once, twice] = [page.outbox.retry(bad.id), page.outbox.retry(bad.id)]
    expect(await once).toBe(await twice)
    await settle()
    expect(harness.hub.log).toEqual(['todos:add:"bad"', 'todos:add:"held"'])
    await expect(page.outbox.retry(bad.id)).rejects.toMatchObject({ code: 'discarded' })
  })

  test('come back after a reload, with their errors and what they hold back', async () => {
    refuse('bad')
    const page = harness.page('tab', { options: { window: 1 } })
    page.connect()
    const bad = page.outbox.add(todo('bad', { key: 'k' }))
    const held = page.outbox.add(todo('held', { key: 'k' }))
    await settle()
    await page.kill()
    const next = harness.page()
    next.connect()
    await settle()
    expect(next.outbox.receipt(bad.id)?.status$.get()).toMatchObject({
      at: 'parked',
      reason: 'rejected',
      error: { code: 'rejected', detail: 'no' },
    })
    expect(next.outbox.receipt(held.id)?.status$.get()).toEqual({ at: 'queued', durable: true })
    expect(harness.hub.log).toEqual([])
    await next.outbox.discard(bad.id)
    await settle()
    expect(harness.hub.log).toEqual(['todos:add:"held"'])
  })

  test('get there without being sent: too old, too large, of an older contract', async () => {
    const page = harness.page('tab', {
      options: { maxAge: 1_000 },
      contractVersion: (channel) => (channel === 'board' ? 3 : 1),
      upgrade: (_channel, { version, name, data }) => {
        if (version === 1) return undefined
        if (data === 'throw') throw new Error('oops')
        return { name: `${name}-3`, data: { was: data } }
      },
    })
    const old = page.outbox.add(todo('old'))
    await old.saved
    await harness.time.advance(1_001)
    const large = page.outbox.add(todo('x'.repeat(5_000)))
    const outdated = page.outbox.add(todo(1, { channel: 'board' }))
    const thrown = page.outbox.add(todo('throw', { channel: 'board', contractVersion: 2 }))
    const upgraded = page.outbox.add(todo(2, { channel: 'board', contractVersion: 2 }))
    page.connect({ frameBytes: 2_000 })
    await upgraded.result
    expect([old, large, outdated, thrown].map(({ status$ }) => status$.get())).toMatchObject([
      { at: 'parked', reason: 'too-old', error: { code: 'too-old' } },
      { at: 'parked', reason: 'rejected', error: { code: 'too-large' } },
      { at: 'parked', reason: 'contract-outdated', error: { code: 'contract-outdated' } },
      { at: 'parked', reason: 'contract-outdated' },
    ])
    expect(harness.hub.received.map(({ writes }) => writes)).toEqual([
      [[1, upgraded.id, 'mutate', 'add-3', { was: 2 }, 3]],
    ])
  })

  test('leave frozen what was sent under the older contract', async () => {
    const page = harness.page()
    page.deaf = true
    page.connect()
    page.outbox.add(todo('sent'))
    await settle()
    await page.kill()
    const next = harness.page('tab', {
      contractVersion: () => 2,
      upgrade: () => ({ name: 'new', data: 'new' }),
    })
    next.connect()
    await settle()
    expect(harness.hub.received[1]).toEqual(harness.hub.received[0])
  })
})

describe('discarding', () => {
  test('deletes what was not sent', async () => {
    const page = harness.page()
    const receipt = page.outbox.add(todo(1))
    await page.outbox.discard(receipt.id)
    expect(receipt.status$.get().at).toBe('discarded')
    await expect(receipt.result).rejects.toMatchObject({ code: 'discarded' })
    expect(await (await harness.storage.open('ada')).entries('outbox', '')).toEqual([])
    page.connect()
    await settle()
    expect(harness.hub.received).toEqual([])
    await page.outbox.discard('no such write')
  })

  test('gives up the number of what was sent, if the hub did not commit it, also after a reload', async () => {
    const page = harness.page()
    harness.hub.judge = ([, , , , data]) =>
      data === 'no' ? { back: { code: 'try-later', retryAfter: 1e6 } } : undefined
    page.connect()
    const receipt = page.outbox.add(todo('no'))
    const after = page.outbox.add(todo('yes'))
    await settle()
    const discarded = page.outbox.discard(receipt.id).catch(() => {})
    await settle()
    expect(receipt.status$.get().at).toBe('sent')
    await page.kill()
    const next = harness.page()
    next.connect()
    await settle()
    expect(next.outbox.receipt(receipt.id)?.status$.get().at).toBe('discarded')
    expect(harness.hub.log).toEqual(['todos:add:"yes"'])
    expect(harness.hub.received.at(-1)?.writes).toMatchObject([
      [1, receipt.id, 'void', 'add', null, 1],
      [2, after.id, 'mutate', 'add', 'yes', 1],
    ])
    void discarded
  })

  test('cannot take back what the hub committed', async () => {
    const page = harness.page()
    page.deaf = true
    page.connect()
    const receipt = page.outbox.add(todo(1))
    await settle()
    const discarding = page.outbox.discard(receipt.id)
    await settle()
    page.disconnect()
    page.deaf = false
    page.connect()
    await discarding
    expect(receipt.status$.get().at).toBe('applied')
    expect(harness.hub.log).toHaveLength(1)
  })
})

describe('after a reload', () => {
  test('receipts, pending writes and results of the earlier page are there', async () => {
    const page = harness.page()
    const ids = ['a', 'b'].map((data) => page.outbox.add(todo(data, { key: 'k' })).id)
    await settle()
    await page.kill()
    const next = harness.page()
    const loaded: boolean[] = []
    next.outbox.loaded$.subscribe((value) => loaded.push(value))
    const results: unknown[] = []
    next.outbox.results$.subscribe((result) => results.push(result))
    await settle()
    expect(loaded).toEqual([false, true])
    expect(next.outbox.pending$.get().map(({ id }) => id)).toEqual(ids)
    expect(next.outbox.pendingOn('todos').get()).toMatchObject([
      { data: 'a', key: 'k' },
      { data: 'b', key: 'k' },
    ])
    const late = next.outbox.add(todo('c', { key: 'k' }))
    next.connect()
    await late.result
    expect(results).toMatchObject([
      { id: ids[0], channel: 'todos', name: 'add', data: 'a', result: { n: 1 } },
      { id: ids[1], data: 'b' },
      { data: 'c' },
    ])
    expect(harness.hub.log).toHaveLength(3)
  })

  test('an accepted write is still there until a persisted view includes it', async () => {
    const page = harness.page()
    page.hasPassed = () => false
    page.outbox.hold('todos')
    page.connect()
    const receipt = page.outbox.add(todo('a'))
    await receipt.result
    await settle()
    await page.kill()
    const next = harness.page()
    let passed = true
    next.hasPassed = () => passed
    await next.outbox.export()
    // Nothing is joined yet: that must not look as if it had been delivered.
    expect(next.outbox.pendingOn('todos').get()).toMatchObject([
      { data: 'a', effects: [{ position: { seq: 1 } }] },
    ])
    passed = false
    next.outbox.hold('todos')
    next.outbox.progress()
    expect(next.outbox.pendingOn('todos').get()).toHaveLength(1)
    next.connect()
    await settle()
    expect(harness.hub.log).toHaveLength(1)
    passed = true
    next.outbox.progress()
    expect(next.outbox.receipt(receipt.id)?.status$.get().at).toBe('applied')
    expect(next.outbox.pendingOn('todos').get()).toEqual([])
    const storage = await harness.storage.open('ada')
    next.outbox.settled('todos', { epoch: 'e', seq: 0 })
    await settle()
    expect(await storage.entries('outbox', '')).toHaveLength(1)
    next.outbox.settled('todos', { epoch: 'e', seq: 1 })
    await settle()
    expect(await storage.entries('outbox', '')).toEqual([])
    expect((await storage.entries('streams', ''))[0]?.[1]).toMatchObject({ next: 2, sent: [], accepted: [] })
  })

  test('an accepted write is let go at once after the last hold, and one from before when a view includes it', async () => {
    const page = harness.page()
    const [one, two] = [page.outbox.hold('todos'), page.outbox.hold('todos')]
    page.connect()
    const kept = async () => (await (await harness.storage.open('ada')).entries('outbox', '')).length
    one()
    one()
    await page.outbox.add(todo('a')).result
    await settle()
    expect(await kept()).toBe(1)
    two()
    await page.outbox.add(todo('b')).result
    await settle()
    expect(await kept()).toBe(1)
    await page.kill()
    const next = harness.page()
    await next.outbox.export()
    expect(next.outbox.pendingOn('todos').get()).toMatchObject([{ data: 'a' }])
    next.outbox.settled('todos', { epoch: 'e', seq: 1 })
    await settle()
    expect(await kept()).toBe(0)
  })

  test('is not applied because nobody holds its channel any more: its effects may be still to come', async () => {
    const page = harness.page()
    let passed = false
    page.hasPassed = () => passed
    const release = page.outbox.hold('todos')
    page.connect()
    const receipt = page.outbox.add(todo('a'))
    await receipt.result
    release()
    expect(receipt.status$.get().at).toBe('accepted')
    passed = true
    page.outbox.progress()
    expect(receipt.status$.get().at).toBe('applied')
  })

  test('everything can be exported', async () => {
    const page = harness.page()
    page.outbox.add(todo({ text: 'a' }, { key: 'k' }))
    const exported = JSON.parse(await page.outbox.export())
    expect(exported).toMatchObject({
      version: 1,
      writes: [
        { channel: 'todos', kind: 'mutate', name: 'add', input: { text: 'a' }, key: 'k', contractVersion: 1 },
      ],
    })
  })
})

test('ten thousand writes take as many commits and frames as their windows, and keep their order', async () => {
  const page = harness.page()
  const receipts = Array.from({ length: 10_000 }, (_, index) => page.outbox.add(todo(index)))
  await Promise.all(receipts.map(({ saved }) => saved))
  const before = page.commits
  let deletions = 0
  page.onCommit = (changes) => {
    for (const change of changes) if (change.op !== 'put') deletions++
  }
  let told = 0
  page.outbox.pending$.subscribe(() => told++)
  page.connect({ frameBytes: 1_000_000 })
  await Promise.all(receipts.map(({ result }) => result))
  await settle()
  expect(harness.hub.log).toEqual(receipts.map((_, index) => `todos:add:${index}`))
  expect(page.commits - before).toBeLessThan(60)
  expect(deletions).toBeLessThan(60)
  expect(harness.hub.received.length).toBeLessThan(60)
  expect(told).toBeLessThan(150)
  expect(page.outbox.pending$.get()).toEqual([])
}, 20_000)
