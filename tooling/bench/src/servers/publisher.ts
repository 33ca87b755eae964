import { clock } from '../process/usage.ts'
import { type BenchMessage, createMessage } from './message.ts'

/** Publishes that are on their way at a time in a burst. */
const WINDOW = 64

/** Publishes; a promise resolves when the server has taken it. */
export type Publish = (message: BenchMessage) => unknown

/** Runs in a callback of its own, as what comes from the network does; many of them in one turn. */
const asCallback = (publish: () => unknown) =>
  new Promise<unknown>((resolve) => setImmediate(() => resolve(publish())))

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

/** The ways to publish, the same for every server. Each resolves with the time it began at. */
export const createPublisher = (publish: Publish) => ({
  /** As fast as the server takes it, each publish in a callback of its own. */
  burst: async (count: number): Promise<number> => {
    const begun = clock()
    for (let n = 0; n < count; ) {
      const taken: unknown[] = []
      for (const end = Math.min(count, n + WINDOW); n < end; n++) {
        const message = n
        taken.push(asCallback(() => publish(createMessage(message))))
      }
      await Promise.all(taken)
    }
    return begun
  },
  /** As fast as the server takes it, in one loop: what a server writes within one callback can leave together. */
  loop: async (count: number): Promise<number> => {
    const begun = clock()
    for (let n = 0; n < count; ) {
      const taken: unknown[] = [turn()]
      for (const end = Math.min(count, n + WINDOW); n < end; n++) taken.push(publish(createMessage(n)))
      await Promise.all(taken)
    }
    return begun
  },
  /** One for each turn of the event loop. */
  single: async (count: number): Promise<number> => {
    const begun = clock()
    for (let n = 0; n < count; n++) await Promise.all([publish(createMessage(n)), turn()])
    return begun
  },
  /** So many a second, evenly; the first is called `start`. */
  paced: (count: number, perSecond: number, start = 0): Promise<number> =>
    new Promise((resolve) => {
      const begun = clock()
      let n = 0
      const next = () => {
        void publish(createMessage(start + n++))
        if (n === count) return resolve(begun)
        setTimeout(next, Math.max(0, (begun + (n * 1e6) / perSecond - clock()) / 1000))
      }
      next()
    }),
})
