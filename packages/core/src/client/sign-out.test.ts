import 'fake-indexeddb/auto'
import { createVirtualTime } from '@syncline/testing'
import { IDBFactory } from 'fake-indexeddb'
import { describe, expect, it } from 'vitest'
import { createScriptedTransport } from '../../test/scripted-transport.ts'
import { defineChannel } from '../contract/define-channel.ts'
import { type } from '../contract/schema.ts'
import { indexedDb } from '../indexed-db/indexed-db.ts'
import type { ClientStorage, StorageTable } from '../storage/client-storage.ts'
import { memoryStorage } from '../storage/memory-storage.ts'
import { createView } from '../view/create-view.ts'
import { createClient } from './create-client.ts'

const notes = defineChannel('notes', {
  snapshot: type<readonly string[]>(),
  events: { added: type<string>() },
  mutations: { add: { input: type<string>(), output: type<string>() } },
})

describe.each(['memory', 'indexedDb'] as const)('with %s', (kind) => {
  const setUp = async () => {
    const time = createVirtualTime()
    const settle = async () => {
      for (let turns = 0; turns < 15; turns++) await time.settle()
    }
    globalThis.indexedDB = new IDBFactory()
    const inner: ClientStorage =
      kind === 'memory' ? memoryStorage() : indexedDb('app', { environment: time.environment, locks: null })
    const gate: { wait?: Promise<void> } = {}
    const storage: ClientStorage = {
      ...inner,
      open: async (identity) => {
        const opened = await inner.open(identity)
        return {
          ...opened,
          commit: async (changes, lock) => {
            if (changes.some(({ op, table }) => op === 'put' && table === 'views')) await gate.wait
            await opened.commit(changes, lock)
          },
          close: async () => {
            await gate.wait
            await opened.close()
          },
        }
      },
    }
    const scripted = createScriptedTransport()
    const client = createClient({
      transport: scripted.transport,
      environment: time.environment,
      storage,
      identity: 'ada',
    })
    const channel = client.channel(notes)
    const list = createView(channel, {
      initial: (all) => all,
      on: { added: (all, text) => [...all, text] },
      optimistic: { add: (all, text) => [...all, text] },
      persist: true,
    })
    const shown: unknown[] = []
    const subscription = list.subscribe((value) => shown.push(value))
    await settle()
    scripted.last.welcome()
    await settle()
    const start = { epoch: 'e', seq: 0, id: '' }
    scripted.last.frames({
      type: 'joined',
      channel: 'notes',
      start,
      head: start,
      messages: [],
      more: false,
      snapshot: { state: ['of ada'], writes: [] },
    })
    await settle()
    expect(list.get()).toEqual(['of ada'])
    const stored = async (table: StorageTable) => {
      const opened = await inner.open('identity:ada')
      const entries = await opened.entries(table, '')
      await opened.close()
      return entries
    }
    return { time, settle, client, channel, list, shown, subscription, gate, stored }
  }

  it('signing out ends the views, overlays included, and leaves nothing of them stored', async () => {
    const { time, settle, client, channel, list, shown, stored } = await setUp()
    await time.advance(250)
    await settle()
    expect(await stored('views')).toHaveLength(1)
    channel.mutate('add', 'mine')
    await settle()
    expect(list.get()).toEqual(['of ada', 'mine'])
    await client.signOut()
    expect(list.get()).toBeUndefined()
    expect(list.confirmed$.get()).toBeUndefined()
    expect(list.status$.get()).toMatchObject({ at: 'loading', position: undefined })
    expect(shown.at(-1)).toBeUndefined()
    expect(client.outbox.pending$.get()).toEqual([])
    expect(channel.pending$.get()).toEqual([])
    await time.advance(10_000)
    await settle()
    expect(await stored('views')).toEqual([])
    expect(await stored('outbox')).toHaveLength(1)
    expect(time.timers).toBe(0)
  })

  it('a save on its way does not come back after the deletion', async () => {
    const { time, settle, client, gate, stored } = await setUp()
    let open = () => {}
    gate.wait = new Promise((resolve) => {
      open = resolve
    })
    await time.advance(250)
    const out = client.signOut()
    await settle()
    open()
    await out
    expect(await stored('views')).toEqual([])
  })

  it('a view that is not in use shows nothing either', async () => {
    const { time, settle, client, list, subscription } = await setUp()
    subscription.unsubscribe()
    await time.advance(10_000)
    await settle()
    expect(list.get()).toEqual(['of ada'])
    await client.signOut()
    expect(list.get()).toBeUndefined()
    const shown: unknown[] = []
    list.subscribe((value) => shown.push(value))
    expect(shown.filter((value) => value !== undefined)).toEqual([])
  })

  it('discards the unsent writes where that is asked for', async () => {
    const { settle, client, channel, stored } = await setUp()
    const write = channel.mutate('add', 'mine')
    await settle()
    await client.signOut({ discardWrites: true })
    for (const table of ['views', 'outbox', 'streams', 'meta'] as const)
      expect(await stored(table)).toEqual([])
    await expect(write.result).rejects.toMatchObject({ code: 'closed' })
  })

  it('closing stores what views have not stored yet', async () => {
    const { client, list, stored } = await setUp()
    await client.close()
    expect(await stored('views')).toMatchObject([[expect.any(String), { state: ['of ada'] }]])
    expect(list.get()).toEqual(['of ada'])
  })
})
