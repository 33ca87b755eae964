import { alternate } from '../measure/alternate.ts'
import type { ReceiveScene } from '../measure/receive-scene.ts'
import type { Methods } from '../process/worker.ts'
import type { Row } from '../row.ts'

const count = 2_000
const perSecond = 1_000
const runs = 9
/** Messages until the compiler has settled: in a process that lives for hours its work is none of a message's. */
const warmUp = 20_000

/** A server that sends so many messages, so many a second. */
interface PacedMethods extends Methods {
  readonly paced: (count: number, perSecond: number) => Promise<number>
}
type PacedScene = ReceiveScene<PacedMethods>

/**
 * The client's CPU time for each message of 1 kB when they come one by one.
 *
 * @param atMost the target: ours to the baseline
 */
export const receivePaced = (
  name: string,
  atMost: number,
  open: { readonly ours: () => Promise<PacedScene>; readonly baseline: () => Promise<PacedScene> },
): Row => ({
  name,
  run: async () => {
    const ours = await open.ours()
    const baseline = await open.baseline()
    try {
      for (const scene of [ours, baseline]) await send(scene, warmUp, perSecond * 10)
      const compared = await alternate(runs, {
        ours: () => send(ours, count, perSecond),
        baseline: () => send(baseline, count, perSecond),
      })
      const cpu = compared('cpu')
      return { name, unit: 'µs', ...cpu, target: `ratio ≤ ${atMost.toFixed(2)}`, met: cpu.ratio <= atMost }
    } finally {
      await Promise.all([ours.stop(), baseline.stop()])
    }
  },
})

const send = (scene: PacedScene, count: number, perSecond: number) =>
  scene.run(count, (server) => server.call('paced', count, perSecond))
