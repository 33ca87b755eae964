import { anyJson, damaged } from '@syncline/testing/fuzz'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { OpenStorage, StorageTable } from '../storage/client-storage.ts'
import { isStreamRecord, isWriteRecord } from './sound-records.ts'
import { todo } from './testing/harness.ts'
import { channels, leave } from './testing/leave.ts'

/** Milliseconds. A failure is made short before it is told. */
const patience = 20_000

const everything = async (storage: OpenStorage) =>
  Promise.all(
    (['outbox', 'streams', 'meta'] as const).map(
      async (table) => [table, await storage.entries(table, '')] as const,
    ),
  )

it(
  'a damaged outbox is opened, works, and does nothing twice: what cannot be read is reported and kept',
  async () => {
    const tables: StorageTable[] = ['outbox', 'outbox', 'outbox', 'streams', 'streams', 'meta']
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom(...tables), fc.nat(20)), { minLength: 1, maxLength: 3 }),
        fc.infiniteStream(fc.nat()),
        fc.context(),
        async (places, seeds, context) => {
          const { harness, storage } = await leave()
          const sound = new Map<string, string>()
          for (const [, entries] of await everything(storage))
            for (const [, value] of entries) {
              const { id, channel } = (value ?? {}) as { readonly id?: string; readonly channel?: string }
              if (id !== undefined) sound.set(id, channel!)
            }
          const touched = new Set<string>()
          const unreadable = new Map<string, unknown>()
          for (const [table, which] of places) {
            const entries = await storage.entries(table, '')
            const [key, value] = entries[which % entries.length]!
            const seed = seeds.next().value
            const [broken] = fc.sample(
              fc.oneof({ arbitrary: damaged(fc.constant(value)), weight: 3 }, anyJson),
              { seed, numRuns: 1 },
            )
            // What says something else, and says it well, nobody can tell from what was written.
            fc.pre(table === 'meta' || !(table === 'outbox' ? isWriteRecord : isStreamRecord)(broken))
            context.log(`${table} ${key}: ${JSON.stringify(value)} is now ${JSON.stringify(broken)}`)
            await storage.commit([{ op: 'put', table, key, value: broken }])
            if (table !== 'meta') unreadable.set(`${table}/${key}`, broken)
            const { id, channel } = (value ?? {}) as { readonly id?: string; readonly channel?: string }
            if (id !== undefined) sound.delete(id)
            touched.add(channel ?? key.split('/').pop()!)
            const now = broken as { readonly channel?: string } | null
            if (typeof now?.channel === 'string') touched.add(now.channel)
          }
          const next = harness.page()
          next.connect()
          await harness.settle()
          const fresh = channels.map((channel) => next.outbox.add(todo('new', { channel })))
          await harness.time.advance(60_000)
          await harness.settle()
          expect(fresh.map(({ status$ }) => status$.get().at)).toEqual(['applied', 'applied'])
          expect(new Set(harness.hub.ids).size, 'twice').toBe(harness.hub.ids.length)
          const parked = new Set(next.outbox.parked$.get().map(({ id }) => id))
          for (const [id, channel] of sound) {
            expect([id, harness.hub.ids.includes(id) || parked.has(id)]).toEqual([id, true])
            if (touched.has(channel)) continue
            const rejected = harness.hub.received.some(({ writes }) =>
              writes.some((write) => write[1] === id && (write[4] as unknown) === 'bad'),
            )
            expect([id, parked.has(id)]).toEqual([id, rejected])
          }
          expect(next.errors.map(({ code }) => code)).toEqual([...unreadable].map(() => 'storage-damaged'))
          for (const [key, value] of unreadable)
            expect(await storage.get('meta', `damaged/${key}`)).toEqual(value)
          await next.outbox.close()
          const last = harness.page()
          last.connect()
          await harness.settle()
          expect(last.errors).toEqual([])
          expect(await harness.close()).toBe(0)
        },
      ),
      { numRuns: 200 },
    )
  },
  patience,
)
