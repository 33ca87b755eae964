import { describe, expect, it } from 'vitest'
import { providers } from '../four-providers/room-transports.ts'
import { growth, runSoak } from './run-soak.ts'

/** Beside five clients that come and go in a round there is one that stays, whose link is cut, and that uses channels. */
const options = { chapters: 4, rounds: 7, clients: 5, freshChannels: 20 }
const clients = options.rounds * options.clients
/**
 * What each client of a chapter may leave behind: less than one object. Three objects for each reconnect would be 0.6,
 * one for each channel that was left too, and a whole client some 600 and 60 kB. Measured, on a busy machine too: at
 * most 0.12 objects and 1 kB, which are Node's.
 */
const kept = { objects: 0.5, bytes: 6_000 }
/**
 * Objects for each name of a channel that a client has used: its handle and presence at the client while it lives
 * (measured: 270 to 300), and afterwards the head in the hub's store (measured: 2), which it keeps for good.
 */
const named = { meanwhile: 350, afterwards: 3 }

describe.concurrent.each(providers)('clients, channels and links that come and go on %s', (provider) => {
  it('leave nothing behind: memory stays flat on both ends, and what is counted ends at zero', async () => {
    const { left, censuses, perName, perNameAfterwards } = await runSoak(provider, options)
    expect(left).toEqual(Object.fromEntries(Object.keys(left).map((what) => [what, 0])))
    const { objects, bytes } = growth(censuses, clients)
    expect(objects).toBeLessThan(kept.objects)
    expect(bytes).toBeLessThan(kept.bytes)
    expect(perName.objects).toBeLessThan(named.meanwhile)
    expect(perNameAfterwards.objects).toBeLessThan(named.afterwards)
  }, 600_000)
})
