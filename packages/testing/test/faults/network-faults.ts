import type { Direction, TcpProxy } from '@syncline/testing'
import type { Chance } from '@syncline/testing/simulation'

/** Befalls the network with the next delivery, and resolves then; `mend` ends what lasts. */
export type NetworkFault = (proxy: TcpProxy, chance: Chance) => Promise<void>

const direction = (chance: Chance): Direction => chance.pick(['up', 'down'])

/**
 * What happens to the bytes between two ends.
 *
 * Of a corrupted delivery one byte at either end gets its highest bit turned over. There all of these protocols have
 * structure: the status line of HTTP, the length of a chunk, the first byte of a WebSocket frame, the last brace of
 * the JSON. So a damaged delivery can be told from any whole one, and must be refused, or cost its connection. In life
 * TLS tells that of every byte. Without it nothing could of a letter in the middle that became another letter.
 */
export const networkFaults: Readonly<Record<string, NetworkFault>> = {
  cut: async (proxy, chance) => {
    await proxy.passed(direction(chance))
    proxy.cut()
  },
  delayed: async (proxy, chance) => {
    for (const way of ['up', 'down'] as const) proxy.delay(chance.pick([0, 5, 20, 100]), way)
  },
  silent: async (proxy, chance) => {
    await proxy.passed(direction(chance))
    proxy.pause(chance.pick([undefined, 'up', 'down']))
  },
  truncated: (proxy, chance) => {
    const share = chance.next()
    return proxy.truncate(direction(chance), (length) => length * share)
  },
  'half-closed': async (proxy, chance) => {
    await proxy.passed(direction(chance))
    proxy.halfClose(direction(chance))
  },
  corrupted: (proxy, chance) => {
    const first = chance.next() < 0.5
    return proxy.corrupt(direction(chance), (length) => (first ? 0 : length - 1))
  },
}

/** Ends what lasts. */
export const mend = (proxy: TcpProxy): void => {
  proxy.delay(0)
  proxy.resume()
}
