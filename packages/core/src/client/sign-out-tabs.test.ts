import { createVirtualTime } from '@syncline/testing'
import { expect, it } from 'vitest'
import { createScriptedTransport } from '../../test/scripted-transport.ts'
import { defineChannel } from '../contract/define-channel.ts'
import { type } from '../contract/schema.ts'
import { createDurableKeeper } from '../durable/index.ts'
import type { WritesFrame } from '../protocol/frames.ts'
import type { ClientStorage, StorageChange } from '../storage/client-storage.ts'
import { memoryStorage } from '../storage/memory-storage.ts'
import { createClient } from './create-client.ts'

const notes = defineChannel('notes', {
  events: {},
  mutations: { add: { input: type<string>(), output: type<string>() } },
})

const setUp = (identity: string | undefined = undefined) => {
  const memory = memoryStorage()
  /** What happens just before a commit. */
  const before: { commit?: (changes: readonly StorageChange[]) => Promise<unknown> | undefined } = {}
  const storage: ClientStorage = {
    keeper: createDurableKeeper,
    open: async (name) => {
      const opened = await memory.open(name)
      return {
        ...opened,
        commit: async (changes, lock) => {
          await before.commit?.(changes)
          await opened.commit(changes, lock)
        },
      }
    },
  }
  const time = createVirtualTime()
  const open = () => {
    const scripted = createScriptedTransport()
    const tab = new Map<string, string>()
    const client = createClient({
      transport: scripted.transport,
      environment: {
        ...time.environment,
        tab: { get: (key) => tab.get(key), set: (key, value) => void tab.set(key, value) },
      },
      storage,
      ...(identity !== undefined && { identity }),
    })
    const settle = async () => {
      for (let turns = 0; turns < 15; turns++) await time.settle()
    }
    const add = async (text: string) => {
      const write = client.channel(notes).mutate('add', text)
      await write.saved
      return write.id
    }
    const pending = () => client.outbox.pending$.get().map(({ input }) => input)
    return { client, settle, add, pending, scripted }
  }
  const stored = async () => {
    const opened = await storage.open(identity === undefined ? 'anonymous' : `identity:${identity}`)
    const [outbox, streams, meta] = await Promise.all(
      (['outbox', 'streams', 'meta'] as const).map((table) => opened.entries(table, '')),
    )
    await opened.close()
    const keys = (entries: typeof outbox) => entries!.map(([key]) => key)
    return {
      outbox: outbox!.map(([, value]) => JSON.parse((value as { readonly json: string }).json)),
      streams: keys(streams),
      meta: keys(meta),
    }
  }
  return { open, stored, before }
}

/** Someone who is not the storage's person meets a closed door. */
const isClosedTo = async (subject: string, page: ReturnType<ReturnType<typeof setUp>['open']>) => {
  page.client.connect()
  await page.settle()
  page.scripted.last.welcome({ subject })
  await page.settle()
  expect(page.client.status$.get()).toMatchObject({ at: 'needs-auth', error: { code: 'identity-mismatch' } })
  await page.client.close()
}

it('discarding writes at sign-out leaves those of another open tab, which later pages find', async () => {
  const { open, stored } = setUp('ada')
  const [leaves, stays] = [open(), open()]
  await leaves.add('given up')
  await stays.add('kept')
  await leaves.client.signOut({ discardWrites: true })
  expect((await stored()).outbox).toEqual(['kept'])
  await stays.add('later')
  await stays.client.close()

  const next = open()
  next.client.connect()
  await next.settle()
  expect(next.pending()).toEqual(['kept', 'later'])
  await next.client.signOut({ discardWrites: true })
  expect((await stored()).outbox).toEqual([])
})

it('discarding writes at sign-out discards those of closed tabs, though the outbox was never used', async () => {
  const { open, stored } = setUp('ada')
  const closed = [open(), open()]
  for (const { add } of closed) await add('left')
  for (const { client } of closed) await client.close()
  await open().client.signOut({ discardWrites: true })
  expect(await stored()).toEqual({ outbox: [], streams: [], meta: [] })
})

it('signing out leaves what a tab stores that opens meanwhile, and later pages find it', async () => {
  const { open, before } = setUp('ada')
  const [leaves, opens] = [open(), open()]
  leaves.client.connect()
  await leaves.settle()
  before.commit = (changes) => {
    if (!changes.some(({ op, table }) => op !== 'put' && table === 'meta')) return undefined
    delete before.commit
    return opens.add('kept')
  }
  await leaves.client.signOut()
  await opens.client.close()

  const next = open()
  next.client.connect()
  await next.settle()
  expect(next.pending()).toEqual(['kept'])
  await next.client.close()
})

it('a storage of nobody goes to the next person without the write streams of the last', async () => {
  const { open, stored } = setUp()
  const tab = open()
  tab.client.connect()
  await tab.settle()
  tab.scripted.last.welcome({ subject: 'ada' })
  const id = await tab.add('done')
  await tab.settle()
  const frame = tab.scripted.last.sent.flat().find(({ type }) => type === 'writes') as WritesFrame
  const { channel, client, generation } = frame
  tab.scripted.last.frames({
    ...{ type: 'answers', channel, client, generation },
    answers: [[1, id, 'accepted', null, []]],
  })
  await tab.settle()
  expect((await stored()).streams).toHaveLength(1)
  await tab.client.signOut()
  expect(await stored()).toEqual({ outbox: [], streams: [], meta: [] })
})

it('a storage of nobody stays its person’s while another tab of them is open', async () => {
  const { open } = setUp()
  const [leaves, stays] = [open(), open()]
  for (const { client, settle, scripted } of [leaves, stays]) {
    client.connect()
    await settle()
    scripted.last.welcome({ subject: 'ada' })
    await settle()
  }
  await leaves.client.signOut()
  await stays.add('of ada')
  await stays.client.close()

  await isClosedTo('bob', open())
})

it('a storage of nobody stays its person’s where a tab of them opens while another signs out', async () => {
  const { open, before } = setUp()
  const [leaves, opens] = [open(), open()]
  leaves.client.connect()
  await leaves.settle()
  leaves.scripted.last.welcome({ subject: 'ada' })
  await leaves.settle()
  let goOn = (): void => {}
  const signedOut = new Promise<void>((resolve) => (goOn = resolve))
  before.commit = (changes) =>
    changes.some((change) => change.op === 'put' && change.key.startsWith('client/')) ? signedOut : undefined
  opens.client.connect()
  await opens.settle()
  await leaves.client.signOut()
  goOn()
  await opens.add('of ada')
  await opens.client.close()

  await isClosedTo('bob', open())
})
