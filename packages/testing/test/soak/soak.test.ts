import { describe, expect, it } from 'vitest'
import { providers } from '../four-providers/room-transports.ts'
import { growth, runSoak } from './run-soak.ts'

/** Clients that come and go in a round, beside one that stays and whose link is cut. */
const clients = 4
/**
 * Bytes that a client may leave behind when it has gone: one that is kept weighs 40 kB and more. In so few rounds
 * Node itself still grows by some; and pusher-js keeps about 10 kB of each of its clients for ever.
 */
const left = { 'socket.io': 12_000, sse: 12_000, pusher: 22_000, ably: 12_000 }

describe.concurrent.each(providers)('clients, channels and links that come and go on %s', (provider) => {
  it('leave nothing behind: memory stays flat on both ends, and what is counted ends at zero', async () => {
    const report = await runSoak(provider, { rounds: 12, clients, freshChannels: 20 })
    expect(report.undead).toEqual({})
    expect(report.counts).toEqual(Object.fromEntries(Object.keys(report.counts).map((what) => [what, 0])))
    expect(growth(report.heaps)).toBeLessThan(clients * left[provider])
    expect(report.perName).toBeLessThan(100_000)
  }, 120_000)
})
