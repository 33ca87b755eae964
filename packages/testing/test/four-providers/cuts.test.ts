import { eventually } from '@syncline/testing'
import { expect, test } from 'vitest'
import { allHeard, createHouse, openAll, providers } from './house.ts'

/** Milliseconds. Longer than the grace of presence, a heartbeat and every timeout of the clients. */
const outage = 30_000
/**
 * Lines that the others say and hear meanwhile: nobody waits for who is cut, as it is cut until all of them were
 * heard. How long that takes is a matter of the machine alone.
 */
const conversation = 30

test.for(providers)(
  '%s cut for 30 s loses nothing on it and delays no other',
  { concurrent: true, timeout: 180_000 },
  async (provider, { onTestFinished }) => {
    const house = await createHouse(onTestFinished)
    await house.start()
    const windows = await openAll(house)
    const cut = windows.find((window) => window.provider === provider)!
    const others = windows.filter((window) => window !== cut)
    const listsBefore = others.map((window) => window.lists().length)
    cut.cut()
    if (provider === 'pusher' || provider === 'ably') house[provider].faults.refuse(true)
    const kept = cut.say('said while cut')
    const until = performance.now() + outage
    let lines = 0
    while (lines < conversation || performance.now() < until) {
      const speaker = others[lines % others.length]!
      await speaker.say(`${++lines}`).result
      await allHeard(others, `${lines}`)
      // The pace of a conversation: nothing waits for this.
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    expect(cut.heard()).toEqual([])
    if (provider === 'pusher' || provider === 'ably') house[provider].faults.clear()
    cut.mend()
    await kept.result
    await allHeard(windows, 'said while cut')
    const all = [...Array.from({ length: lines }, (_, index) => `${index + 1}`), 'said while cut']
    for (const window of windows) expect(window.heard(), window.provider).toEqual(all)
    await eventually(() => windows.every((window) => window.names().length === windows.length), {
      what: 'Everybody on every list again',
      timeout: 20_000,
    })
    // Of those who were not cut nobody was ever seen leaving, by those who were not cut.
    const here = others.map((window) => window.provider)
    for (const [index, window] of others.entries())
      for (const list of window.lists().slice(listsBefore[index]))
        expect(list, window.provider).toEqual(expect.arrayContaining(here))
  },
)
