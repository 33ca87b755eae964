import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Receipt } from './receipt.ts'
import { createHarness, type Harness, todo } from './testing/harness.ts'

const WEEK = 7 * 86_400_000

let harness: Harness
beforeEach(() => {
  harness = createHarness()
})
afterEach(async () => {
  expect(await harness.close()).toBe(0)
})
const rows = async (table: 'outbox' | 'meta') =>
  (await (await harness.storage.open('ada')).entries(table, '')).map(([key]) => key)
const told = (receipt: Receipt): string[] => {
  const said: string[] = []
  receipt.status$.subscribe(({ at }) => said.push(at))
  return said
}
const look = async () => {
  await harness.time.advance(30_000)
  await harness.settle()
}

/** A tab with writes that sleeps through its lease, and another that has them now. */
const takenOver = async (...data: readonly string[]) => {
  const sleeper = harness.page('sleeper')
  const receipts = data.map((each) => sleeper.outbox.add(todo(each, { key: 'k' })))
  await harness.settle()
  const other = harness.page('other')
  await other.outbox.export()
  sleeper.loseLock()
  await look()
  // It notices when it would store that they are sent.
  sleeper.connect()
  await look()
  return { sleeper, other, receipts: receipts as [Receipt, ...Receipt[]] }
}

describe('a tab that slept while another took its writes over', () => {
  test('is told that one was dropped there, and not that it was accepted', async () => {
    const { other, receipts } = await takenOver('dropped', 'sent')
    const [dropped, sent] = receipts.map(told)
    await other.outbox.discard(receipts[0].id)
    other.connect()
    await look()
    await look()
    expect(dropped).toEqual(['queued', 'discarded'])
    expect(sent?.at(-1)).toBe('applied')
    expect(harness.hub.log).toEqual(['todos:add:"sent"'])
  })

  test('is told that one was dropped when its person signed out there', async () => {
    const { other, receipts } = await takenOver('dropped')
    const said = told(receipts[0])
    await other.outbox.close('stored')
    await look()
    await look()
    expect(said).toEqual(['queued', 'discarded'])
  })

  test('is told that one is parked there, and that it was dropped for its successor', async () => {
    harness.hub.judge = ([, , , , data]) => (data === 'bad' ? { reject: { code: 'rejected' } } : undefined)
    const { sleeper, other, receipts } = await takenOver('bad', 'behind')
    const [bad, behind] = receipts.map(told)
    other.connect()
    await look()
    expect(sleeper.outbox.parked$.get()).toMatchObject([{ id: receipts[0].id, error: { code: 'rejected' } }])
    other.disconnect()
    await other.outbox.retry(receipts[0].id, { input: 'good' })
    await look()
    expect(bad).toEqual(['queued', 'parked', 'discarded'])
    // It waits in the other tab's part now.
    expect(behind).toEqual(['queued'])
    other.connect()
    await look()
    await look()
    expect(behind?.at(-1)).toBe('applied')
    expect(harness.hub.log).toEqual(['todos:add:"good"', 'todos:add:"behind"'])
  })

  test('is told where one took effect that was accepted there, and shows it until it sees that', async () => {
    const { sleeper, other, receipts } = await takenOver('accepted')
    const said = told(receipts[0])
    const passed: unknown[] = []
    sleeper.hasPassed = (effects) => passed.push(...effects) === 0
    other.connect()
    await look()
    await look()
    expect(said).toEqual(['queued', 'sent', 'accepted'])
    const effects = [{ channel: 'todos', position: { epoch: 'e', seq: 1 } }]
    expect(passed).toEqual(effects)
    expect(sleeper.outbox.pendingOn('todos').get()).toMatchObject([{ id: receipts[0].id, effects }])
  })

  test('finds no mark of what was dropped or accepted longer ago than a week', async () => {
    const { sleeper, other, receipts } = await takenOver('dropped', 'accepted')
    await other.outbox.discard(receipts[0].id)
    const marks = [`dropped/${receipts[0].id}`, `accepted/${receipts[1]!.id}`]
    other.connect()
    await look()
    expect(await rows('meta')).toEqual(expect.arrayContaining(marks))
    await sleeper.outbox.close()
    await other.outbox.close()
    await harness.time.advance(WEEK)
    await harness.page('next').outbox.export()
    for (const mark of marks) expect(await rows('meta')).not.toContain(mark)
    expect(await rows('outbox')).toEqual([])
  })
})
