import { defineChannel, errorCatalog } from '@syncline/core'
import { createHub, memoryStore } from '@syncline/server'
import { anyJson, damaged } from '@syncline/testing/fuzz'
import fc from 'fast-check'
import { expect, it, onTestFinished } from 'vitest'
import { pusherGateway } from '../src/hub/index.ts'
import { createServerSdk } from './servers.ts'

const codes = Object.keys(errorCatalog)

/** A hub over Pusher, without a server in front of it, and Pusher takes everything. */
const startHub = async (encrypted: boolean) => {
  const logged: unknown[] = []
  const log = (...entry: unknown[]) => void logged.push(entry)
  const sdk = createServerSdk({ port: 1 })
  const taken = async () => new Response('{}')
  Object.assign(sdk, { trigger: taken, triggerBatch: taken, terminateUserConnections: taken })
  const hub = createHub({
    store: memoryStore(),
    gateways: [pusherGateway({ pusher: sdk, encrypted })],
    authenticate: ({ token = 'nobody' }) => ({ id: token }),
    logger: { debug: () => {}, info: () => {}, warn: log, error: log },
  })
  hub.serve(defineChannel('todos', { events: {} }), {})
  await hub.ready
  onTestFinished(() => hub.close({ within: 0 }))
  const ask = (path: string, body: unknown, token: string) =>
    hub.handler(
      new Request(`http://hub/syncline/pusher${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
        body: JSON.stringify(body) ?? '',
      }),
    )
  const open = async (token: string) => {
    const response = await ask('', { frames: [{ type: 'hello', version: 1, client: token }] }, token)
    return ((await response.json()) as { readonly session: string }).session
  }
  return { logged, ask, open }
}

const socket = fc.oneof(
  { arbitrary: fc.constant<unknown>('1.2'), weight: 4 },
  fc.constantFrom<unknown>('1.2\n', '1.2:private-other', '1:2', ' 1.2', '', 7),
  anyJson,
)
const channel = fc.oneof(fc.constantFrom('todos', 'a/b', '__proto__', '\ud800', 'x'.repeat(300), ''), anyJson)
const authorize = fc.record({ socket, channels: fc.oneof(fc.array(channel, { maxLength: 5 }), anyJson) })
const asked = fc.oneof(
  fc.tuple(fc.constant('/authorize'), fc.oneof(authorize, damaged(authorize))),
  fc.tuple(fc.constant('/sign-in'), fc.record({ socket })),
  fc.tuple(fc.constantFrom('/toString', '/__proto__', '/authorize/'), authorize),
)

it.each([
  ['clear', false],
  ['encrypted', true],
])(
  'what a session asks of the gateway is signed for its own socket or refused with a code (%s)',
  async (_, encrypted) => {
    const { logged, ask, open } = await startHub(encrypted)
    const [mallory, other] = [await open('mallory'), await open('other')]
    await fc.assert(
      fc.asyncProperty(asked, async ([path, body]) => {
        const given = typeof body === 'object' && body !== null && !Array.isArray(body) ? body : { body }
        const response = await ask(path, { ...given, session: mallory }, 'mallory')
        const answer = await response.json()
        if (response.status === 200) {
          expect((given as { socket?: unknown }).socket).toBe('1.2')
          for (const signed of answer.channels ?? [answer.wake])
            if (signed?.name)
              expect(signed.name).toMatch(/^private-(encrypted-)?syncline[-_][-A-Za-z0-9_=@,.;]+$/)
            else if (signed) {
              expect(codes).toContain(signed.error.code)
              expect(signed.error.code).not.toBe('internal')
            }
        } else {
          expect([400, 404, 413]).toContain(response.status)
          if (response.status !== 404) expect(codes).toContain(answer.error.code)
          expect(answer.error.code).not.toBe('internal')
        }
        const still = await ask('/authorize', { session: other, socket: '3.4', channels: ['todos'] }, 'other')
        expect(still.status).toBe(200)
      }),
      { numRuns: 200, seed: 4 },
    )
    expect(logged).toEqual([])
  },
)
