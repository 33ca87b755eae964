import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createMemoryKeeper } from './memory-keeper.ts'
import { createHarness, type Harness, todo } from './testing/harness.ts'

describe('closing', () => {
  let harness: Harness
  beforeEach(() => {
    harness = createHarness()
  })
  afterEach(async () => {
    expect(await harness.close()).toBe(0)
  })
  const isFree = async (client: string) => {
    const storage = await harness.storage.open('ada')
    const lock = await storage.lock(`client:${client}`)
    await storage.close()
    return lock !== undefined
  }

  it.each([
    ['durable', {}],
    ['in memory', { keeper: createMemoryKeeper }],
  ])('%s, frees the lock though the storage refuses, and says that it did', async (_, context) => {
    const { page, settle } = harness
    const tab = page('tab', context)
    tab.outbox.add(todo(1))
    await settle()
    expect(await isFree(tab.client())).toBe(false)
    tab.onCommit = () => {
      throw new Error('full')
    }
    await expect(tab.outbox.close()).rejects.toMatchObject({ code: 'storage-failed' })
    expect(await isFree(tab.client())).toBe(true)
  })

  it('ends a discard that could not be stored any more', async () => {
    const { page, settle } = harness
    const tab = page()
    const write = tab.outbox.add(todo(1))
    await settle()
    tab.onCommit = () => {
      throw new Error('full')
    }
    const discard = tab.outbox.discard(write.id)
    const ended = expect(discard).rejects.toMatchObject({ code: 'closed' })
    await settle()
    await tab.outbox.close().catch(() => {})
    await ended
  })

  it('ends the promises and the state of writes that it leaves stored; the next page sends them', async () => {
    const { page, settle, hub } = harness
    const tab = page()
    const write = tab.outbox.add(todo(1))
    const early = expect(write.result).rejects.toMatchObject({ code: 'closed' })
    let ended = false
    write.status$.subscribe({ complete: () => (ended = true) })
    await settle()
    await tab.outbox.close()
    await early
    await expect(write.result).rejects.toThrow(/stays stored/)
    await write.saved
    expect(ended).toBe(true)
    expect(write.status$.get().at).toBe('queued')
    const next = page()
    next.connect()
    await settle()
    expect(hub.log).toHaveLength(1)
  })

  it('ends a write that comes in too late to be stored', async () => {
    const tab = harness.page()
    const write = tab.outbox.add(todo(1))
    tab.onCommit = () => {
      throw new Error('full')
    }
    await tab.outbox.close().catch(() => {})
    await expect(write.saved).rejects.toMatchObject({ code: expect.stringMatching(/closed|storage-failed/) })
    await expect(write.result).rejects.toMatchObject({ code: expect.stringMatching(/closed|storage-failed/) })
  })
})
