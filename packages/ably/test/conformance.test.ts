import { startAblyEmulator } from '@syncline/emulator'
import { toNodeHandler } from '@syncline/server'
import { type TransportPair, transportSuite } from '@syncline/testing'
import { expect } from 'vitest'
import { ablyGateway } from '../src/hub/index.ts'
import { ably } from '../src/index.ts'
import { local, restAt } from './emulated.ts'

/** Bodies that are no JSON, methods and sessions that there are not. */
const garbage = async (url: string): Promise<void> => {
  const ask = async (path: string, init: RequestInit) => {
    const response = await fetch(`${url}/syncline${path}`, init)
    const { error } = (await response.json()) as { readonly error: { readonly code: string } }
    return [response.status, error.code]
  }
  for (const body of ['', 'text', '{"frames":', '\u0000'])
    expect(await ask('/ably', { method: 'POST', body })).toEqual([400, 'malformed-frame'])
  expect(await ask('/ably', { method: 'GET' })).toEqual([405, 'method-not-allowed'])
  expect(await ask('/ably', { method: 'POST', body: ' '.repeat(2 ** 21) })).toEqual([413, 'too-large'])
  for (const action of ['send', 'close', 'token', 'else']) {
    const forged = { method: 'POST', body: JSON.stringify({ session: 'another', frames: [] }) }
    expect(await ask(`/ably/${action}`, forged)).toEqual([404, 'transport-failed'])
  }
}

const pair = (useBinaryProtocol: boolean): TransportPair => ({
  // A burst of the suite is no business of Ably's quotas.
  provider: () =>
    startAblyEmulator({
      limits: { channelRate: Number.POSITIVE_INFINITY, connectionRate: Number.POSITIVE_INFINITY },
    }),
  serve: (server, port) => ({
    gateway: ablyGateway({ rest: restAt({ host: '127.0.0.1', port }) }),
    mount: (handler) => void server.on('request', toNodeHandler(handler)),
  }),
  transport: (url, providerUrl) =>
    ably(`${url}/syncline`, {
      ...local({ host: '127.0.0.1', port: Number(new URL(providerUrl).port) }, { useBinaryProtocol }),
    }),
  garbage,
})

transportSuite('ably', pair(false))
