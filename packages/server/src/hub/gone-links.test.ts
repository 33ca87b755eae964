import { queryObjects } from 'node:v8'
import { SynclineError } from '@syncline/core'
import { expect, it } from 'vitest'
import { Session } from '../session/session.ts'
import type { HubStore } from '../store/hub-store.ts'
import { memoryStore } from '../store/memory-store.ts'
import { startTestHub, type Todo, todos, writes } from '../testing/test-hub.ts'

/** Sessions in memory, after a collection of garbage. */
const sessions = (): number => queryObjects(Session, { format: 'count' })

const write = writes(1, [{ id: 'a' }])
// Made once: an error keeps whom its stack went through, and the test's log keeps the error.
const unavailable = new SynclineError('store-unavailable')
const down = () => Promise.reject(unavailable)

it.each<[string, Partial<HubStore>, typeof write, string]>([
  ['answered', {}, write, 'answers'],
  [
    'sent back for its number',
    { stream: async () => ({ last: 1, answers: [] }) },
    writes(3, [{ id: 'c' }]),
    'back',
  ],
  ['sent back unread', { stream: down }, write, 'back'],
  ['sent back uncommitted', { commit: down }, write, 'back'],
  ['unknown', {}, writes(2, [{ id: 'b' }]), 'unknown-stream'],
])('a stream whose write was %s stays in memory without its link', async (_, trouble, frame, last) => {
  const store = { ...(memoryStore() as HubStore), ...trouble }
  const { hub, client, time } = startTestHub({ store })
  hub.serve(todos, { snapshot: (): Todo[] => [], mutations: { 'todo:create': ({ input }) => input } })
  const before = sessions()
  const comeAndGo = async (): Promise<void> => {
    const writer = await client()
    writer.send(frame)
    await time.advance(10)
    expect(writer.frames.at(-1)?.type).toBe(last)
    expect(sessions()).toBe(before + 1)
    writer.cut()
  }
  await comeAndGo()
  await time.settle()
  expect(hub.health().streams).toBe(1)
  expect(sessions()).toBe(before)
})
