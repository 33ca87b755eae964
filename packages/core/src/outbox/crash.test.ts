import { expect, test } from 'vitest'
import type { Receipt } from './receipt.ts'
import { createHarness, type Harness, type Page, todo } from './testing/harness.ts'

/** What a page does until it is killed; the receipts of what it promised to keep. */
type Story = (harness: Harness, page: Page) => Promise<void>

const keyed = (data: number) => todo(data, { key: data % 2 ? 'odd' : 'even' })

const burst: Story = async (harness, page) => {
  for (let data = 0; data < 4; data++) page.outbox.add(keyed(data))
  page.connect({ writesInFlight: 3 })
  await harness.settle()
  for (let data = 4; data < 8; data++) page.outbox.add(keyed(data))
  page.outbox.add(todo(8, { channel: 'board' }))
  await harness.settle()
}
const mend: Story = async (harness, page) => {
  harness.hub.judge = ([, , , , data]) => (data === -1 ? { reject: { code: 'rejected' } } : undefined)
  const bad = page.outbox.add(todo(-1, { key: 'k' }))
  page.connect({ writesInFlight: 1 })
  for (const data of [1, 2]) page.outbox.add(todo(data, { key: 'k' }))
  await harness.settle()
  await page.outbox.retry(bad.id, { input: 0 })
  await harness.settle()
}
const heldBack: Story = async (harness, page) => {
  page.hasPassed = () => false
  page.outbox.hold('todos')
  await burst(harness, page)
  page.outbox.settled('todos', { epoch: 'e', seq: 2 })
  await harness.settle()
}
const forgotten: Story = async (harness, page) => {
  page.outbox.add(todo(0))
  page.connect({ writesInFlight: 2 })
  await harness.settle()
  page.deaf = true
  for (let data = 1; data < 5; data++) page.outbox.add(todo(data))
  await harness.settle()
  // A first number sent again to a hub that forgot its stream can't be told from a new one: see rule 4.
  if (page.alive()) harness.hub.forget()
  page.disconnect()
  page.deaf = false
  page.connect({ writesInFlight: 2 })
  await harness.settle()
}

/** Kills the page at its `kill`-th commit, before or after that is written; returns whether it came to that. */
const run = async (story: Story, kill: number, written: boolean): Promise<boolean> => {
  const harness = createHarness()
  const page = harness.page()
  const promised = new Set<string>()
  const receipts: Receipt[] = []
  const add = page.outbox.add
  page.outbox.add = (write) => {
    const receipt = add(write)
    receipts.push(receipt)
    receipt.saved.then(
      () => promised.add(receipt.id),
      () => {},
    )
    return receipt
  }
  let commits = 0
  let died: Promise<void> | undefined
  page.onCommit = () => {
    commits++
    if (commits === kill && !written) {
      died = page.kill()
      throw new Error('dead')
    }
    if (commits === kill + 1 && written) {
      died = page.kill()
      throw new Error('dead')
    }
  }
  await Promise.race([story(harness, page).catch(() => {}), harness.settle().then(() => harness.settle())])
  await harness.settle()
  const wasKilled = died !== undefined
  await died
  if (!wasKilled) await page.kill()
  const last = new Map(receipts.map((receipt) => [receipt.id, receipt.status$.get().at]))

  harness.hub.judge = () => undefined
  const next = harness.page()
  next.connect({ writesInFlight: 2 })
  await harness.time.advance(1_000)
  await harness.settle()
  for (const { id } of next.outbox.parked$.get()) {
    const receipt = next.outbox.receipt(id)
    if (receipt?.status$.get().at === 'parked' && receipt.input === -1)
      await next.outbox.retry(id, { input: 0 })
  }
  await harness.settle()

  const { ids, log } = harness.hub
  const parked = next.outbox.parked$.get()
  expect(new Set(ids).size, 'committed twice').toBe(ids.length)
  expect(next.outbox.pending$.get()).toEqual([])
  for (const id of promised) {
    const kept = ids.includes(id) || parked.some((write) => write.id === id)
    const mended = receipts.find((receipt) => receipt.id === id)?.input === -1
    expect(kept || mended, `lost, ${last.get(id)}`).toBe(true)
  }
  for (const write of parked) expect(write.reason).toBe('outcome-unknown')
  const orders = new Map<string, number>()
  for (const id of ids) {
    const index = receipts.findIndex((receipt) => receipt.id === id)
    const key = receipts[index]?.key
    if (key === undefined) continue
    expect(index, `order of ${log}`).toBeGreaterThan(orders.get(key) ?? -1)
    orders.set(key, index)
  }
  expect(await harness.close()).toBe(0)
  return wasKilled
}

const stories: readonly (readonly [string, Story])[] = [
  ['a burst through a small window', burst],
  ['a parked write that is mended', mend],
  ['accepted writes kept for a persisted view', heldBack],
  ['a hub that forgot the stream', forgotten],
]

test.each(stories)(
  'nothing is lost, doubled or out of order when the page dies at any commit: %s',
  async (_name, story) => {
    let kills = 0
    for (const written of [false, true]) for (let kill = 1; await run(story, kill, written); kill++) kills++
    expect(kills).toBeGreaterThan(10)
  },
)
