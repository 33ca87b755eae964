import { alternate, type Measured } from '../measure/alternate.ts'
import type { ReceiveScene } from '../measure/receive-scene.ts'
import type { Methods } from '../process/worker.ts'
import type { Row } from '../row.ts'

const perSecond = 1_000
const runs = 41
/** Short turns: what else the machine does comes and goes within seconds. */
const count = 500
/**
 * Turns until the compiler has settled: in a process that lives for hours its work is none of a message's. At the
 * same pace, or a hub gathers them, and what handles a frame runs less often than what the baseline does for each.
 */
const warmUps = 90

/** A server that sends so many messages, so many a second. */
interface PacedMethods extends Methods {
  readonly paced: (count: number, perSecond: number) => Promise<number>
}
type PacedScene = ReceiveScene<PacedMethods>
type Open = () => Promise<PacedScene>

/**
 * The client's CPU time for each message of 1 kB when they come one by one.
 *
 * @param atMost the target: ours to the baseline
 * @param open with `frames`, also what the bare SDK takes for ours when it does nothing but read them
 */
export const receivePaced = (
  name: string,
  atMost: number,
  open: { readonly ours: Open; readonly baseline: Open; readonly frames?: Open },
): Row => ({
  name,
  run: async () => {
    const ours = await open.ours()
    const baseline = await open.baseline()
    const frames = await open.frames?.()
    const scenes = [baseline, ours, ...(frames ? [frames] : [])]
    try {
      for (let turn = 0; turn < warmUps; turn++) await Promise.all(scenes.map(send))
      const compared = await alternate<Measured, 'frames'>(runs, {
        baseline: () => send(baseline),
        ours: () => send(ours),
        ...(frames && { frames: () => send(frames) }),
      })
      const cpu = compared('cpu')
      return {
        name,
        unit: 'µs',
        ...cpu,
        target: `ratio ≤ ${atMost.toFixed(2)}`,
        met: cpu.ratio <= atMost,
        ...(frames && {
          also: [{ name: 'our frames, read by the bare SDK', unit: 'µs', ...compared('cpu', 'frames') }],
        }),
      }
    } finally {
      await Promise.all(scenes.map((scene) => scene.stop()))
    }
  },
})

const send = (scene: PacedScene) => scene.run(count, (server) => server.call('paced', count, perSecond))
