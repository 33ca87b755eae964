import { defineChannel, errorCatalog } from '@syncline/core'
import { createHub, memoryStore } from '@syncline/server'
import { anyJson, damaged } from '@syncline/testing/fuzz'
import type { Rest } from 'ably'
import fc from 'fast-check'
import { expect, it, onTestFinished } from 'vitest'
import { ablyGateway } from '../src/hub/index.ts'

/** A hub over Ably, without a server in front of it, and Ably gives whatever token is asked for. */
const startHub = async () => {
  const logged: unknown[] = []
  const log = (...entry: unknown[]) => void logged.push(entry)
  const rest = {
    auth: { requestToken: async (params: object) => ({ token: 'signed', ...params }) },
    channels: { get: () => ({ publish: async () => {} }), release: () => {} },
  }
  const hub = createHub({
    store: memoryStore(),
    gateways: [ablyGateway({ rest: rest as unknown as Rest })],
    authenticate: ({ token = 'nobody' }) => ({ id: token }),
    logger: { debug: () => {}, info: () => {}, warn: log, error: log },
  })
  hub.serve(defineChannel('todos', { events: {} }), {})
  hub.serve(defineChannel('secret', { events: {} }), { authorize: ({ user }) => user.id === 'other' })
  await hub.ready
  onTestFinished(() => hub.close({ within: 0 }))
  const ask = (path: string, body: unknown, token: string) =>
    hub.handler(
      new Request(`http://hub/syncline/ably${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
        body: JSON.stringify(body) ?? '',
      }),
    )
  const open = async (token: string) => {
    const response = await ask('', { frames: [{ type: 'hello', version: 1, client: token }] }, token)
    return (await response.json()) as {
      readonly session: string
      readonly provider: { readonly wake: string }
    }
  }
  return { logged, ask, open }
}

const channel = fc.oneof(
  fc.constantFrom('todos', 'secret', '*', '[*]*', '__proto__', '\ud800', 'x'.repeat(300), ''),
  anyJson,
)
const asked = fc.oneof(
  fc.record({ channels: fc.oneof(fc.array(channel, { maxLength: 6 }), anyJson) }),
  damaged(
    fc.constant({ channels: ['todos', 'secret'], clientId: 'hub', capability: { '*': ['*'] }, ttl: 1e12 }),
  ),
)

it('whatever a session asks for, its token lets it listen to what it is granted and to nothing else', async () => {
  const { logged, ask, open } = await startHub()
  const mallory = await open('mallory')
  const other = await open('other')
  await fc.assert(
    fc.asyncProperty(asked, async (body) => {
      const given = typeof body === 'object' && body !== null && !Array.isArray(body) ? body : { body }
      const response = await ask('/token', { ...given, session: mallory.session }, 'mallory')
      const answer = await response.json()
      if (response.status === 200) {
        const { channels } = given as { readonly channels?: unknown }
        const mayHear = Array.isArray(channels) && channels.includes('todos')
        expect(answer.granted).toHaveLength(mayHear ? 1 : 0)
        expect(answer.token.clientId).toBe('u:mallory')
        expect(answer.token.ttl).toBeLessThanOrEqual(3_600_000)
        expect(answer.token.capability).toEqual({
          [mallory.provider.wake]: ['subscribe'],
          ...(mayHear && { [answer.granted[0][1]]: ['subscribe'] }),
        })
      } else {
        expect(Object.keys(errorCatalog)).toContain(answer.error.code)
        expect(answer.error.code).not.toBe('internal')
      }
      const still = await ask('/token', { session: other.session, channels: ['secret'] }, 'other')
      expect(((await still.json()) as { granted: unknown[] }).granted).toHaveLength(1)
    }),
    { numRuns: 200, seed: 4 },
  )
  expect(logged).toEqual([])
})
