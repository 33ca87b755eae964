import { describe, expect, it } from 'vitest'
import { createViewUnderTest, StorageModel, write } from './testing/view-under-test.ts'

const optimistic = {
  add: (state: unknown, input: unknown) => [...(state as string[]), String(input)],
}

describe('a write that is in the state already is not laid over it', () => {
  it('where a snapshot covers its message, which came first, and does not name it', () => {
    const { hub, view, watch, pendingWrites$, shown } = createViewUnderTest({ optimistic })
    hub.deaf.add('join')
    hub.deaf.add('snapshot')
    watch()
    pendingWrites$.set([write('w1', 'm1'), write('w2', 'mine')])
    hub.connect()
    const start = hub.head
    hub.put({ type: 'joined', channel: 'todos', start, head: start, messages: [], more: false })
    const messages = hub.append(1, 'w1')
    hub.put({ type: 'messages', channel: 'todos', epoch: start.epoch, messages })
    expect(view.get()).toBeUndefined()
    hub.put({ type: 'snapshot', channel: 'todos', position: hub.head, state: ['m1'], writes: [] })
    expect(view.get()).toEqual(['m1', 'mine'])
    expect(shown).not.toContainEqual(['m1', 'm1', 'mine'])
  })

  it('after a reload too, where another tab stored the state', async () => {
    const storage = new StorageModel()
    const sent = [write('a', 'm1'), write('b', 'mine')]
    storage.outbox = sent
    const other = createViewUnderTest({ persist: true }, { storage })
    other.watch()
    await other.time.settle()
    other.hub.connect()
    other.hub.publish(1, 'a')
    other.hub.publish(1, 'of somebody else')
    await other.time.advance(1_000)
    expect(storage.values.get('todos|default')).toMatchObject({ position: { seq: 2 }, seen: ['a'] })

    const reloaded = createViewUnderTest({ persist: true, optimistic }, { storage })
    reloaded.watch()
    await reloaded.time.settle()
    reloaded.pendingWrites$.set(sent)
    expect(reloaded.view.get()).toEqual(['m1', 'm2', 'mine'])
    expect(reloaded.shown).not.toContainEqual(['m1', 'm2', 'm1', 'mine'])
  })

  it('and is remembered by a third tab that stored it again, as long as it is in an outbox', async () => {
    const storage = new StorageModel()
    storage.outbox = [write('a', 'm1')]
    const stored = { state: ['m1'], position: { epoch: 'e1', seq: 1, id: 'm1' }, version: 1, stale: false }
    storage.values.set('todos|default', { ...stored, seen: ['a'] })
    const third = createViewUnderTest({ persist: true }, { storage })
    third.hub.append(1)
    third.watch()
    await third.time.settle()
    third.hub.connect()
    third.hub.publish()
    await third.time.advance(1_000)
    expect(storage.values.get('todos|default')).toMatchObject({ position: { seq: 2 }, seen: ['a'] })
    storage.outbox = []
    third.hub.publish()
    await third.time.advance(1_000)
    expect(storage.values.get('todos|default')).toMatchObject({ position: { seq: 3 }, seen: [] })
  })
})
