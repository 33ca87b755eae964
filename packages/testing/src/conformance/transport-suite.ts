import { describe } from 'vitest'
import { badInputSuite } from './bad-input-suite.ts'
import { continuitySuite } from './continuity-suite.ts'
import { identitySuite } from './identity-suite.ts'
import { orderSuite } from './order-suite.ts'
import { overlaySuite } from './overlay-suite.ts'
import { presenceSuite } from './presence-suite.ts'
import { scenarioOf } from './scenario.ts'
import type { TransportPair } from './transport-pair.ts'
import { versionSuite } from './version-suite.ts'
import { writeSuite } from './write-suite.ts'

/**
 * What every transport with its gateway must do, as tests: the real client, a real hub on a real server, and a
 * network between them that fails in all the ways that networks do. Every pair runs it.
 *
 * @example
 * transportSuite('sse', {
 *   serve: (server) => ({
 *     gateway: sseGateway(),
 *     mount: (handler) => void server.on('request', toNodeHandler(handler)),
 *   }),
 *   transport: (url) => sse(`${url}/syncline`),
 * })
 */
export const transportSuite = (name: string, pair: TransportPair): void => {
  const scenario = scenarioOf(pair)
  describe(`transport contract: ${name}`, () => {
    describe('order', () => orderSuite(scenario))
    describe('continuity', () => continuitySuite(scenario))
    describe('writes', () => writeSuite(scenario))
    describe('overlays', () => overlaySuite(scenario))
    describe('presence', () => presenceSuite(scenario))
    describe('identity', () => identitySuite(scenario))
    describe('versions', () => versionSuite(scenario))
    describe('bad input', () => badInputSuite(scenario))
  })
}
