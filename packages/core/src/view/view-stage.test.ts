import { describe, expect, it } from 'vitest'
import { createLogUnderTest } from '../channel/testing/hub-model.ts'
import { SynclineError } from '../errors/syncline-error.ts'
import type { HubLink } from '../transport/hub-link.ts'
import { createViewUnderTest, StorageModel, write } from './testing/view-under-test.ts'

const effect = (seq: number, epoch = 'e1', channel = 'todos') => ({ channel, position: { epoch, seq } })

describe('folding', () => {
  it('is inert until used, starts from the snapshot and folds what follows', () => {
    const { hub, view, watch } = createViewUnderTest()
    hub.append(2)
    hub.connect()
    expect(hub.sent).toEqual([])
    expect(view.status$.get()).toMatchObject({ at: 'loading', stale: false })
    watch()
    hub.publish()
    expect(view.get()).toEqual(['m1', 'm2', 'm3'])
    expect(view.status$.get()).toMatchObject({ at: 'ready', stale: false, position: { seq: 3 } })
  })

  it('is referentially stable', () => {
    const { hub, view, watch, shown } = createViewUnderTest()
    watch()
    hub.connect()
    hub.publish()
    const before = view.get()
    const emitted = shown.length
    hub.heads()
    hub.cut()
    hub.connect()
    hub.publish(1, null, 'unknown to the view')
    expect(view.get()).toBe(before)
    expect(shown).toHaveLength(emitted)
  })

  it('takes a snapshot for what is gone, and keeps the old state until it is there', async () => {
    const { hub, time, view, watch } = createViewUnderTest()
    watch()
    hub.connect()
    hub.publish()
    hub.cut()
    hub.reset(3)
    hub.snapshotError = { code: 'snapshot-failed' }
    hub.connect()
    expect(view.get()).toEqual(['m1'])
    expect(view.status$.get()).toMatchObject({ at: 'ready', stale: true })
    hub.snapshotError = undefined
    hub.publish()
    await time.advance(30_000)
    expect(view.get()).toEqual(hub.stateAt(4))
    expect(view.status$.get()).toMatchObject({ stale: false, position: { epoch: 'e2', seq: 4 } })
  })

  it('skips what a newer snapshot contains and ignores an older one', () => {
    const { hub, view, watch } = createViewUnderTest()
    watch()
    hub.connect()
    hub.publish()
    hub.deaf.add('snapshot')
    view.refresh()
    hub.publish()
    hub.put({
      type: 'snapshot',
      channel: 'todos',
      position: { epoch: 'e1', seq: 1, id: 'm1' },
      state: ['old'],
    })
    expect(view.get()).toEqual(['m1', 'm2'])
    view.refresh()
    const [three] = hub.append()
    hub.put({ type: 'snapshot', channel: 'todos', position: hub.head, state: ['m1', 'm2', 'm3!'] })
    hub.put({ type: 'messages', channel: 'todos', epoch: 'e1', messages: [three!] })
    expect(view.get()).toEqual(['m1', 'm2', 'm3!'])
  })

  it('reports a handler that throws, is stale, and refreshes later and later', async () => {
    const { hub, time, view, watch, reported } = createViewUnderTest({
      on: {
        added: (state, data, message) => {
          if (data === 'bad') throw new Error('no')
          return [...(state as string[]), message.id]
        },
      },
    })
    watch()
    hub.connect()
    hub.publish()
    hub.publish(1, null, 'added', 'bad')
    expect(view.status$.get()).toMatchObject({ stale: true, error: { code: 'fold-failed' } })
    hub.publish()
    expect(view.get()).toEqual(['m1', 'm3'])
    await time.advance(0)
    expect(view.get()).toEqual(['m1', 'm2', 'm3'])
    expect(view.status$.get()).toMatchObject({ stale: false, error: undefined })
    for (let n = 0; n < 20; n++) hub.publish(1, null, 'added', 'bad')
    await time.advance(1_000)
    expect(reported).toHaveLength(21)
    expect(hub.of('snapshot').length).toBeLessThanOrEqual(3)
    expect(view.get()).toEqual(hub.stateAt(23))
  })

  it('is stale after a message that fails its schema, and refreshes', async () => {
    const { hub, time, view, watch } = createViewUnderTest(
      {},
      {
        under: createLogUnderTest({
          parseEvent: (_event, data) => {
            if (data === 'bad') throw new SynclineError('schema-violation')
            return data
          },
        }),
      },
    )
    watch()
    hub.connect()
    hub.publish(1, null, 'added', 'bad')
    expect(view.status$.get()).toMatchObject({ stale: true, error: { code: 'schema-violation' } })
    await time.advance(0)
    expect(view.get()).toEqual(['m1'])
    expect(view.status$.get().stale).toBe(false)
  })

  it('starts from nothing on a channel without a snapshot, and says when it missed something', () => {
    const { hub, view, watch } = createViewUnderTest({ snapshot: false })
    hub.append(2)
    watch()
    expect(view.get()).toBeUndefined()
    hub.connect()
    expect(view.get()).toEqual([])
    hub.publish()
    hub.cut()
    hub.append(4)
    hub.pruned = 5
    hub.connect()
    hub.publish()
    expect(view.get()).toEqual(['m3', 'm8'])
    expect(view.status$.get()).toMatchObject({ stale: true, error: { code: 'history-gone' } })
    view.refresh()
    expect(view.get()).toEqual([])
    expect(view.status$.get().stale).toBe(false)
  })

  it('shows why it cannot load', () => {
    const { hub, view, watch } = createViewUnderTest()
    hub.deaf.add('join')
    watch()
    hub.connect()
    hub.put({ type: 'refused', channel: 'todos', error: { code: 'forbidden' } })
    expect(view.status$.get()).toMatchObject({ at: 'loading', error: { code: 'forbidden' } })
  })

  it('lets go after its last use, and catches up by a snapshot when it is used again', async () => {
    const { hub, time, view, watch, listen } = createViewUnderTest()
    hub.connect()
    listen()
    const unwatch = watch()
    unwatch()
    await time.advance(4_999)
    hub.publish()
    expect(view.get()).toEqual(['m1'])
    await time.advance(1)
    hub.publish()
    expect(view.get()).toEqual(['m1'])
    watch()
    expect(view.get()).toEqual(['m1', 'm2'])
  })
})

it('does not fold over a hole: it is stale until a snapshot has filled it', async () => {
  const { hub, time, view, watch, listen } = createViewUnderTest()
  hub.connect()
  listen()
  const unwatch = watch()
  hub.publish()
  unwatch()
  await time.advance(5_000)
  hub.publish()
  hub.deaf.add('snapshot')
  watch()
  hub.publish()
  expect(view.get()).toEqual(['m1'])
  expect(view.status$.get()).toMatchObject({ stale: true, position: { seq: 1 } })
  hub.deaf.clear()
  await time.advance(10_000)
  expect(view.get()).toEqual(['m1', 'm2', 'm3'])
  expect(view.status$.get().stale).toBe(false)
})

describe('a snapshot that has our own writes in it', () => {
  it('takes their overlays in the same step, before their answers are there', () => {
    const { hub, view, watch, pendingWrites$, shown } = createViewUnderTest({
      optimistic: { add: (state, input) => [...(state as string[]), String(input)] },
    })
    pendingWrites$.set([write('w1', 'm1'), write('w2', 'mine')])
    hub.append(1)
    hub.deaf.add('join')
    watch()
    hub.connect()
    hub.put({
      type: 'joined',
      channel: 'todos',
      start: hub.head,
      head: hub.head,
      messages: [],
      more: false,
      snapshot: { state: ['m1'], writes: ['w1'] },
    })
    expect(view.get()).toEqual(['m1', 'mine'])
    expect(shown).not.toContainEqual(['m1', 'm1', 'mine'])
  })

  it('knows an answer of the same turn, whose telling comes later', () => {
    const { hub, view, watch, pendingWrites$, shown } = createViewUnderTest({
      optimistic: { add: (state, input) => [...(state as string[]), String(input)] },
    })
    let current = [write('w1', 'm1')]
    pendingWrites$.set(current)
    pendingWrites$.get = () => current
    watch()
    current = [write('w1', 'm1', { effects: [effect(1)] })]
    hub.append(1)
    hub.connect()
    expect(view.get()).toEqual(['m1'])
    expect(shown).not.toContainEqual(['m1', 'm1'])
  })
})

describe('overlays', () => {
  it('shows pending writes in their order over the state, rebased over what arrives', () => {
    const { hub, view, watch, pendingWrites$ } = createViewUnderTest()
    watch()
    hub.connect()
    pendingWrites$.set([write('a')])
    pendingWrites$.set([write('a'), write('b')])
    hub.publish()
    expect(view.get()).toEqual(['m1', '~a', '~b'])
    expect(view.confirmed$.get()).toEqual(['m1'])
  })

  it('lets an overlay go in the step in which its message arrives: no flicker, nothing twice', () => {
    const { hub, view, watch, shown, pendingWrites$ } = createViewUnderTest()
    watch()
    hub.connect()
    pendingWrites$.set([write('a')])
    hub.publish(1, 'a')
    pendingWrites$.set([write('a', 'a', { effects: [effect(1)] })])
    pendingWrites$.set([])
    expect(view.get()).toEqual(['m1'])
    expect(shown).toEqual([undefined, [], ['~a'], ['m1']])
  })

  it('keeps an accepted overlay until its effects have arrived, all at once', () => {
    const { hub, watch, shown, pendingWrites$ } = createViewUnderTest()
    watch()
    hub.connect()
    const [one, two, three] = hub.append(3, 'a')
    pendingWrites$.set([write('a')])
    pendingWrites$.set([write('a', 'a', { effects: [effect(3)] })])
    for (const message of [one, two, three])
      hub.put({ type: 'messages', channel: 'todos', epoch: 'e1', messages: [message!] })
    expect(shown).toEqual([undefined, [], ['~a'], ['m1', 'm2', 'm3']])
  })

  it('lets an overlay without effects here go when it is accepted', () => {
    for (const effects of [[], [effect(4, 'e1', 'other')]]) {
      const { hub, view, watch, pendingWrites$ } = createViewUnderTest()
      watch()
      hub.connect()
      pendingWrites$.set([write('a')])
      expect(view.get()).toEqual(['~a'])
      pendingWrites$.set([write('a', 'a', { effects })])
      expect(view.get()).toEqual([])
    }
  })

  it('takes a refused write back alone', () => {
    const { hub, view, watch, pendingWrites$ } = createViewUnderTest()
    watch()
    hub.connect()
    pendingWrites$.set([write('a'), write('b'), write('c')])
    pendingWrites$.set([write('a'), write('c')])
    expect(view.get()).toEqual(['~a', '~c'])
  })

  it('lets an overlay go whose effect lies in an epoch that is over', () => {
    const { hub, view, watch, pendingWrites$ } = createViewUnderTest()
    watch()
    hub.connect()
    hub.publish()
    pendingWrites$.set([write('a', 'a', { effects: [effect(2)] })])
    expect(view.get()).toEqual(['m1', '~a'])
    hub.cut()
    hub.reset(2)
    hub.connect()
    expect(view.get()).toEqual(hub.stateAt(2))
  })

  it('leaves out an optimistic handler that throws, and says so once', () => {
    const { hub, view, watch, pendingWrites$, reported } = createViewUnderTest({
      optimistic: {
        add: (state, input) => {
          if (input === 'b') throw new Error('no')
          return [...(state as string[]), `~${input}`]
        },
      },
    })
    watch()
    hub.connect()
    pendingWrites$.set([write('a'), write('b'), write('c')])
    hub.publish()
    expect(view.get()).toEqual(['m1', '~a', '~c'])
    expect(reported).toEqual(['fold-failed'])
  })

  it('does not run the handlers of writes that are laid already', () => {
    const ran: unknown[] = []
    const { hub, watch, pendingWrites$ } = createViewUnderTest({
      optimistic: {
        add: (state, input, { writeId }) => {
          ran.push(writeId)
          return [...(state as string[]), input]
        },
      },
    })
    watch()
    hub.connect()
    pendingWrites$.set([write('a')])
    pendingWrites$.set([write('a'), write('b')])
    pendingWrites$.set([write('a'), write('b', 'b', { effects: [effect(9)] })])
    expect(ran).toEqual(['a', 'b'])
  })

  it('knows a write whose message came before the outbox was read', () => {
    const { hub, view, watch, pendingWrites$, loaded$ } = createViewUnderTest()
    loaded$.set(false)
    watch()
    hub.connect()
    hub.publish(1, 'a')
    pendingWrites$.set([write('a')])
    expect(view.get()).toEqual(['m1'])
  })
})

describe('persistence', () => {
  const reload = (storage: StorageModel, options = {}, under = createLogUnderTest()) =>
    createViewUnderTest({ persist: true, ...options }, { storage, under })

  it('stores state and position together, throttled, then settles', async () => {
    const { hub, time, watch, storage, settled } = reload(new StorageModel())
    watch()
    await time.settle()
    hub.connect()
    for (let n = 0; n < 10; n++) hub.publish()
    await time.advance(249)
    expect(storage.commits).toBe(0)
    await time.advance(1)
    expect(storage.commits).toBe(1)
    expect(storage.values.get('todos|default')).toMatchObject({
      state: hub.stateAt(10),
      position: { epoch: 'e1', seq: 10, id: 'm10' },
      version: 1,
    })
    expect(settled).toMatchObject([{ seq: 10 }])
    await time.advance(10_000)
    expect(storage.commits).toBe(1)
  })

  it('shows the stored state at once, offline too, and goes on from its position', async () => {
    const first = reload(new StorageModel())
    first.watch()
    await first.time.settle()
    first.hub.connect()
    first.hub.publish()
    first.pendingWrites$.set([write('b')])
    first.view.close()
    await first.time.settle()
    const second = reload(first.storage)
    second.hub.log = first.hub.log
    second.hub.append(2)
    second.watch()
    second.pendingWrites$.set([write('b')])
    await second.time.settle()
    expect(second.view.get()).toEqual(['m1', '~b'])
    expect(second.view.status$.get()).toMatchObject({ at: 'ready', position: { seq: 1 } })
    expect(second.settled).toMatchObject([{ seq: 1 }])
    second.hub.connect()
    expect(second.hub.of('join')).toMatchObject([{ at: { seq: 1, id: 'm1' }, snapshot: true }])
    expect(second.view.confirmed$.get()).toHaveLength(3)
    expect(second.hub.of('snapshot')).toEqual([])
  })

  it('shows what a session accepted at a stored position until the channel is joined: it may be another log', async () => {
    const first = reload(new StorageModel())
    first.watch()
    await first.time.settle()
    first.hub.connect()
    first.hub.publish()
    first.view.close()
    await first.time.settle()
    const second = reload(first.storage)
    second.watch()
    await second.time.settle()
    const effects = [{ channel: 'todos', position: { epoch: 'e1', seq: 1 } }]
    second.pendingWrites$.set([{ ...write('b'), effects, acceptedIn: {} as HubLink }])
    expect(second.view.get()).toEqual(['m1', '~b'])
    second.hub.log = first.hub.log
    second.hub.connect()
    expect(second.view.get()).toEqual(['m1'])
  })

  it('remembers which pending writes are in the stored state', async () => {
    const first = reload(new StorageModel())
    first.watch()
    await first.time.settle()
    first.hub.connect()
    first.pendingWrites$.set([write('a'), write('b')])
    first.hub.publish(1, 'a')
    first.view.close()
    await first.time.settle()
    const second = reload(first.storage)
    second.loaded$.set(false)
    second.watch()
    await second.time.settle()
    second.pendingWrites$.set([write('a'), write('b')])
    expect(second.view.get()).toEqual(['m1', '~b'])
  })

  it('stores at once when the page is hidden', async () => {
    const { hub, time, watch, storage } = reload(new StorageModel())
    watch()
    await time.settle()
    hub.connect()
    hub.publish()
    time.signal('hidden')
    await time.settle()
    expect(storage.commits).toBe(1)
  })

  it('upgrades a state of another version, or starts over', async () => {
    const stored = {
      state: ['m1'],
      position: { epoch: 'e1', seq: 1, id: 'm1' },
      version: 1,
      seen: [],
      stale: false,
    }
    for (const upgrade of [
      undefined,
      (state: unknown, version: number) => [...(state as string[]), `v${version}`],
    ]) {
      const storage = new StorageModel()
      storage.values.set('todos|default', stored)
      const { time, view, watch } = reload(storage, { version: 2, upgrade })
      watch()
      await time.settle()
      expect(view.get()).toEqual(upgrade && ['m1', 'v1'])
    }
  })

  it('starts over from a state whose position cannot be read: the hub would not take it either', async () => {
    const position = { epoch: null, seq: 1, id: 'm1' }
    const storage = new StorageModel()
    storage.values.set('todos|default', { state: ['m1'], position, version: 1, seen: [], stale: false })
    const { hub, time, view, watch } = reload(storage)
    hub.append()
    watch()
    await time.settle()
    hub.connect()
    expect(hub.of('join')[0]?.at).toBeUndefined()
    expect(view.get()).toEqual(['m1'])
  })

  it('does not store a state that is known to be wrong', async () => {
    const { hub, time, watch, storage } = reload(new StorageModel(), {
      on: {
        added: () => {
          throw new Error('no')
        },
      },
    })
    watch()
    await time.settle()
    hub.connect()
    await time.advance(1_000)
    hub.deaf.add('snapshot')
    hub.publish()
    await time.advance(5_000)
    expect(storage.values.get('todos|default')).toMatchObject({ position: { seq: 0 } })
  })

  it('goes on without storage that fails, and says so', async () => {
    const storage = new StorageModel()
    storage.broken = true
    const { hub, time, view, watch, reported } = reload(storage)
    watch()
    await time.settle()
    hub.connect()
    hub.publish()
    await time.advance(1_000)
    expect(view.get()).toEqual(['m1'])
    expect(reported).toEqual(['storage-failed', 'storage-failed'])
  })

  it('holds accepted writes while it is used, and frees everything when closed', async () => {
    const { hub, time, log, view, watch, holds } = reload(new StorageModel())
    watch()
    expect(holds.count).toBe(1)
    await time.settle()
    hub.connect()
    view.close()
    await time.advance(5_000)
    expect(holds.count).toBe(0)
    expect(log.state$.get().phase).toBe('idle')
    expect(time.timers).toBe(0)
  })
})
