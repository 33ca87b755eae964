import { describe, expect, it } from 'vitest'
import { providers } from '../four-providers/room-transports.ts'
import { growth, runSoak } from './run-soak.ts'

/** Clients that come and go in a round, beside one that stays and whose link is cut. */
const clients = 4
/**
 * Bytes by which a round may make the heap grow for each of its clients, beyond what the provider's SDK keeps by
 * itself (pusher-js: about 10 kB for each connection there ever was). Measured: 0 to 2 kB on a quiet machine, up to
 * 6 kB on a busy one, as so few rounds do not warm Node up. A client that is kept is 60 kB in a round for each.
 */
const left = 8_000
/**
 * Bytes for each name of a channel that was ever used: while its client lives (measured: 19 to 25 kB, its handle and
 * presence), and after that (measured: -4 to 3 kB, which is noise of so few names; one that is kept is 21 kB).
 */
const named = { meanwhile: 32_000, afterwards: 5_000 }

describe.concurrent.each(providers)('clients, channels and links that come and go on %s', (provider) => {
  it('leave nothing behind: memory stays flat on both ends, and what is counted ends at zero', async () => {
    const report = await runSoak(provider, { rounds: 12, clients, freshChannels: 20 })
    expect(report.undead).toEqual({})
    expect(report.counts).toEqual(Object.fromEntries(Object.keys(report.counts).map((what) => [what, 0])))
    // The client that stays dials anew in each round.
    const bare = (growth(report.bareHeaps) * (clients + 1)) / clients
    expect(growth(report.heaps) - Math.max(0, bare)).toBeLessThan(clients * left)
    expect(report.perName).toBeLessThan(named.meanwhile)
    expect(report.perNameAfterwards).toBeLessThan(named.afterwards)
  }, 240_000)
})
