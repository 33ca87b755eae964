import { clock, cpu } from '../process/usage.ts'
import type { BenchMessage } from '../servers/message.ts'

/** Counts what a client handles, and tells what that took. */
export const createReceipt = () => {
  let expected = Number.POSITIVE_INFINITY
  let received = 0
  let sum = 0
  let first = 0
  let finished = (_at: number) => {}
  let done: Promise<number> | undefined
  let cpuBefore = 0
  return {
    /** The listener. */
    onMessage: ({ n }: BenchMessage): void => {
      if (received++ === 0) first = clock()
      sum += n
      if (received === expected) finished(clock())
    },
    methods: {
      expect: (count: number): void => {
        expected = count
        received = 0
        sum = 0
        cpuBefore = cpu()
        done = new Promise((resolve) => {
          finished = resolve
        })
      },
      /** Microseconds from the first message to the last, and CPU time for each message. */
      received: async (): Promise<{ elapsed: number; cpu: number }> => {
        const elapsed = (await (done as Promise<number>)) - first
        if (sum !== (expected * (expected - 1)) / 2) throw new Error('Messages were lost or repeated.')
        return { elapsed, cpu: (cpu() - cpuBefore) / expected }
      },
    },
  }
}
export type ReceiverMethods = ReturnType<typeof createReceipt>['methods']
