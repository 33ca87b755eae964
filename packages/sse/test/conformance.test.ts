import { toNodeHandler } from '@syncline/server'
import { transportSuite } from '@syncline/testing'
import { expect } from 'vitest'
import { sseGateway } from '../src/hub/index.ts'
import { sse } from '../src/index.ts'

/** Bodies that are no JSON, methods and sessions that there are not. */
const garbage = async (url: string): Promise<void> => {
  const ask = async (path: string, init: RequestInit) => {
    const response = await fetch(`${url}/syncline${path}`, init)
    const { error } = (await response.json()) as { readonly error: { readonly code: string } }
    return [response.status, error.code]
  }
  for (const body of ['', 'text', '{"frames":', 'null', '\u0000'])
    expect(await ask('/sse', { method: 'POST', body })).toEqual([400, 'malformed-frame'])
  expect(await ask('/sse', { method: 'GET' })).toEqual([405, 'malformed-frame'])
  expect(await ask('/sse', { method: 'POST', body: ' '.repeat(2 ** 21) })).toEqual([413, 'too-large'])
  const forged = { method: 'POST', body: JSON.stringify({ session: 'another', frames: [] }) }
  expect(await ask('/sse/send', forged)).toEqual([404, 'transport-failed'])
}

transportSuite('sse', {
  serve: (server) => ({
    gateway: sseGateway(),
    mount: (handler) => void server.on('request', toNodeHandler(handler)),
  }),
  transport: (url) => sse(`${url}/syncline`),
  garbage,
})
