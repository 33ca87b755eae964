// Clients that only count, in a process of their own.
import { serveCalls } from '../process/serve-calls.ts'
import { clock, cpu } from '../process/usage.ts'
import { openClient, type Peer } from './open-client.ts'
import { Tally } from './tally.ts'

/** Every so many-th client keeps all that it gets, to be checked. */
const SAMPLED = 250
/** Connections on their way at a time. */
const OPENING = 100

const tallies: Tally[] = []
let expected = Number.POSITIVE_INFINITY
let complete = 0
let finished = (_at: number) => {}

const onMessages = (tally: Tally) => {
  if (tally.count >= expected && ++complete === tallies.length) finished(clock())
}
const begin = (count: number, delays: boolean) => {
  expected = count
  complete = 0
  for (const tally of tallies) tally.reset(delays)
}
const check = (count: number) => {
  for (const tally of tallies) {
    const mistake = tally.count === count ? tally.mistake(count) : `${tally.count} messages came of ${count}`
    if (mistake) throw new Error(mistake)
  }
}
let done: Promise<number> | undefined

const methods = {
  cpu,
  open: async (peer: Peer, port: number, count: number): Promise<void> => {
    for (let opened = 0; opened < count; opened += OPENING) {
      const opening: Promise<void>[] = []
      for (let n = opened; n < Math.min(count, opened + OPENING); n++) {
        const tally = new Tally(n % SAMPLED === 0, onMessages)
        tallies.push(tally)
        opening.push(openClient(peer, port, tally).opened)
      }
      await Promise.all(opening)
    }
  },
  /** From now on each client should get so many messages. */
  expect: (count: number, delays = false): void => {
    begin(count, delays)
    done = new Promise((resolve) => {
      finished = resolve
    })
  },
  /** Resolves with the time when all came; rejects if a client got something else than each once and in order. */
  received: async (): Promise<number> => {
    const timer = setTimeout(() => finished(Number.NaN), 120_000)
    const at = await (done as Promise<number>)
    clearTimeout(timer)
    check(expected)
    return at
  },
  /** The delays of all messages to all clients, in microseconds. */
  delays: (): Float64Array => Float64Array.from(tallies.flatMap(({ delays }) => delays ?? [])),
}
export type LoadMethods = typeof methods
serveCalls(methods)
