import { errorCatalog } from '@syncline/core'
import { anyJson, clientFrames, damaged } from '@syncline/testing/fuzz'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createTestHub, todos } from '../testing/test-hub.ts'

const frames = clientFrames({
  channel: fc.constantFrom('todos', 'todos', 'todos', 'board/1', 'nowhere', '__proto__'),
  name: fc.constantFrom('todo:create', 'todo:typing', 'toString', '__proto__', ''),
})
const deliveries = fc.array(
  fc.oneof(
    { arbitrary: fc.array(fc.oneof(frames, damaged(frames), anyJson), { maxLength: 5 }), weight: 5 },
    anyJson,
  ),
  { minLength: 1, maxLength: 8 },
)
const codes = Object.keys(errorCatalog)

/** The codes that frames carry, wherever they carry them. */
const codesIn = (value: unknown): string[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([key, inner]) =>
        key === 'error' ? [(inner as { readonly code: string }).code] : codesIn(inner),
      )

it('whatever a client sends is answered or refused with a code of its own, and nobody else notices', async () => {
  await fc.assert(
    fc.asyncProperty(deliveries, fc.boolean(), async (given, opensWithIt) => {
      const { hub, gateway, client, time, log } = createTestHub({ limits: { malformedFrames: 5 } })
      const seen: string[] = []
      hub.serve(todos, {
        snapshot: () => [],
        mutations: {
          'todo:create': ({ input, publish }) => {
            publish('todo:created', input)
            return input
          },
        },
      })
      const other = await client({ client: 'other', frames: [{ type: 'join', channel: 'todos' }] })
      const mallory = opensWithIt
        ? gateway.connect({ client: 'c1', hello: given[0], frames: given as never })
        : gateway.connect({ client: 'c1' })
      for (const delivery of given) {
        mallory.sendRaw(structuredClone(delivery))
        await time.settle()
      }
      await time.advance(1_000)
      for (const code of codesIn(mallory.frames)) {
        expect(codes).toContain(code)
        expect(code).not.toBe('internal')
      }
      expect(log.filter(({ level }) => level === 'error')).toEqual([])
      if (mallory.closed) expect(mallory.frames.at(-1)?.type).toBe('bye')
      else {
        mallory.clear()
        mallory.send({ type: 'ping' })
        await time.settle()
        expect(mallory.all('pong')).toHaveLength(1)
      }
      other.clear()
      await hub.publish(todos, 'todo:created', { id: 'x', text: 'x' })
      await time.settle()
      for (const { messages } of other.all('messages')) for (const message of messages) seen.push(message[3])
      expect(seen).toContain('todo:created')
      expect(other.closed).toBe(false)
      mallory.cut()
      other.cut()
      await time.advance(60_000)
      expect(hub.health()).toMatchObject({ status: 'ok', connections: 0, presence: 0 })
      const closed = hub.close({ within: 0 })
      await time.advance(1_000)
      await closed
      expect(time.timers).toBe(0)
    }),
    { numRuns: 150 },
  )
}, 20_000)
