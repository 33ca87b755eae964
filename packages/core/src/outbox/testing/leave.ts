import { createHarness, todo } from './harness.ts'

export const channels = ['todos', 'board'] as const

/** A page that left everything that there can be: sent and answered, sent only, queued, parked, accepted and kept. */
export const leave = async () => {
  const harness = createHarness()
  harness.hub.judge = ([, , , , data]) => (data === 'bad' ? { reject: { code: 'rejected' } } : undefined)
  const page = harness.page()
  page.connect()
  page.hasPassed = () => false
  page.outbox.hold('board')
  const receipts = []
  const add = async (data: string, key?: string) => {
    for (const channel of channels)
      receipts.push(page.outbox.add(todo(data, { channel, ...(key && { key }) })))
    await harness.settle()
  }
  await add('first')
  await add('bad', 'k')
  page.deaf = true
  await add('unanswered', 'l')
  page.disconnect()
  await add('queued', 'm')
  await page.kill()
  const storage = await harness.storage.open('ada')
  return { harness, storage, client: page.client() }
}
