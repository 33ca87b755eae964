import { expect } from 'vitest'

/**
 * For `garbage` of a {@link TransportPair} whose gateway has uplink sessions: sends bodies that are no JSON, methods
 * and sessions that there are not, and expects each to be refused.
 *
 * @param name the gateway's route
 * @param actions what the gateway knows beside `send` and `close`
 */
export const uplinkGarbage =
  (name: string, actions: readonly string[]) =>
  async (url: string): Promise<void> => {
    const ask = async (path: string, init: RequestInit) => {
      const response = await fetch(`${url}/syncline/${name}${path}`, init)
      const { error } = (await response.json()) as { readonly error: { readonly code: string } }
      return [response.status, error.code]
    }
    for (const body of ['', 'text', '{"frames":', '\u0000'])
      expect(await ask('', { method: 'POST', body })).toEqual([400, 'malformed-frame'])
    expect(await ask('', { method: 'GET' })).toEqual([405, 'method-not-allowed'])
    expect(await ask('', { method: 'POST', body: ' '.repeat(2 ** 21) })).toEqual([413, 'too-large'])
    for (const action of ['send', 'close', ...actions, 'else']) {
      const forged = { method: 'POST', body: JSON.stringify({ session: 'another', frames: [] }) }
      expect(await ask(`/${action}`, forged)).toEqual([404, 'transport-failed'])
    }
  }
