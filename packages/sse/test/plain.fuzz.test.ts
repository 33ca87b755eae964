import { createClient, SynclineError } from '@syncline/core'
import { createVirtualTime } from '@syncline/testing'
import { anyJson } from '@syncline/testing/fuzz'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { plainSse } from '../src/plain/index.ts'

/** A client of a stream that the test writes. */
const start = async () => {
  const writers: ReadableStreamDefaultController<Uint8Array>[] = []
  const asked: Headers[] = []
  const time = createVirtualTime({
    fetch: async (_, init) => {
      asked.push(new Headers(init?.headers))
      const body = new ReadableStream<Uint8Array>({ start: (writer) => void writers.push(writer) })
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
    },
  })
  const client = createClient({
    environment: time.environment,
    // As one would write it who trusts the server.
    transport: plainSse('http://server/events', {
      route: (_, data) => (data as { readonly room: string }).room,
    }),
  })
  const all: unknown[] = []
  const errors: unknown[] = []
  const last: unknown[] = []
  client.errors$.subscribe((error) => errors.push(error))
  client.plain().on('message', (data) => all.push(data))
  client.plain('todos').on('last', (data) => last.push(data))
  await time.settle()
  return {
    client,
    time,
    all,
    errors,
    last,
    asked,
    write: async (bytes: Uint8Array) => {
      writers.at(-1)?.enqueue(bytes)
      await time.settle()
    },
    hangUp: () => writers.at(-1)?.close(),
    end: async () => {
      client.close()
      await time.settle()
      return time.timers
    },
  }
}

const encoder = new TextEncoder()
const lastEvent = encoder.encode('\n\nevent: last\ndata: {"room":"todos"}\n\n')
const text = (value: unknown) => JSON.stringify(value) ?? ''

it('data of any kind comes as it is, and what cannot be routed is told with a code and costs nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyJson, { minLength: 1, maxLength: 6 }), async (values) => {
      const { client, all, errors, last, asked, write, end } = await start()
      for (const [index, value] of values.entries())
        await write(encoder.encode(`id: ${index}\ndata: ${text(value)}\n\n`))
      await write(lastEvent)
      // JSON has no Infinity and no -0: as they come out of it.
      const told = values.map((value) => JSON.parse(text(value)))
      expect(all).toEqual(told.filter((value) => value !== null))
      expect(errors).toHaveLength(told.filter((value) => value === null).length)
      for (const error of errors) expect(error).toMatchObject({ code: 'malformed-frame' })
      expect(last).toEqual([{ room: 'todos' }])
      expect(client.status$.get()).toEqual({ at: 'connected' })
      expect(asked).toHaveLength(1)
      expect(await end()).toBe(0)
    }),
    { numRuns: 100, seed: 4 },
  )
})

it('bytes of any kind leave the stream as it is, or end it with an error of its own', async () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'data:',
      'data: {}',
      'event: message',
      'id:',
      'id: a\0b',
      '\n',
      '\n\n',
      '\r',
      ':',
      'retry: 1e9',
      '\0',
    ),
    fc.string({ unit: 'binary' }),
  )
  const bytes = fc.oneof(
    fc.array(piece).map((list) => encoder.encode(list.join(''))),
    fc.uint8Array({ maxLength: 200 }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(bytes, { minLength: 1, maxLength: 4 }), async (deliveries) => {
      const { client, time, errors, last, write, end } = await start()
      for (const delivery of deliveries) await write(delivery)
      await write(lastEvent)
      if (client.status$.get().at === 'connected') expect(last).toEqual([{ room: 'todos' }])
      else {
        // A last event id that no header can carry, say: what comes with the next stream is heard again.
        await time.advance(60_000)
        await write(lastEvent)
        expect(last).toContainEqual({ room: 'todos' })
      }
      for (const error of errors) expect(error).toBeInstanceOf(SynclineError)
      expect(await end()).toBe(0)
    }),
    { numRuns: 150, seed: 4 },
  )
})

it('a last event id of any kind goes back to the server as it came, where a header can carry it', async () => {
  const id = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('über', '😀', 'a b', 'x'.repeat(9_000), '\u0007', '\u00a0', '\u007f'),
  )
  await fc.assert(
    fc.asyncProperty(id, async (given) => {
      const { client, time, last, asked, write, hangUp, end } = await start()
      const line = given.replace(/[\r\n\0]/g, '').trim()
      await write(encoder.encode(`id:${line}\ndata: {}\n\n`))
      hangUp()
      await time.advance(60_000)
      await write(lastEvent)
      expect(last).toEqual([{ room: 'todos' }])
      expect(client.status$.get()).toEqual({ at: 'connected' })
      expect(asked).toHaveLength(2)
      const sent = asked[1]?.get('last-event-id') ?? undefined
      // biome-ignore lint/suspicious/noControlCharactersInRegex: which no header can carry
      const carried = line !== '' && !/[\0-\x08\x0a-\x1f\x7f]/.test(line)
      if (carried) expect(Buffer.from(sent ?? '', 'latin1').toString()).toBe(Buffer.from(line).toString())
      else expect(sent).toBeUndefined()
      expect(await end()).toBe(0)
    }),
    { numRuns: 100, seed: 4 },
  )
})
