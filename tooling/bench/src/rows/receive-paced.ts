import { alternate, type Measured } from '../measure/alternate.ts'
import type { ReceiveScene } from '../measure/receive-scene.ts'
import type { Methods } from '../process/worker.ts'
import type { Row } from '../row.ts'

const perSecond = 1_000
const runs = 21
/** Of each side: two processes that do the same take times that differ by up to a quarter, for as long as they live. */
const processes = 3
/** Short turns: what else the machine does comes and goes within seconds. */
const count = 500
/**
 * Turns until the compiler has settled: in a process that lives for hours its work is none of a message's. At the
 * same pace, or a hub gathers them, and what handles a frame runs less often than what the baseline does for each.
 */
const warmUps = 90

/** A server that sends so many messages, so many a second. */
export interface PacedMethods extends Methods {
  readonly port: () => number
  readonly paced: (count: number, perSecond: number) => Promise<number>
}
type PacedScene = ReceiveScene<PacedMethods>
type Open = () => Promise<PacedScene>

/** The client's CPU time for each message of 1 kB, by what it speaks to. */
interface Scenes {
  readonly ours: Open
  readonly baseline: Open
  /** The bare SDK that does nothing with our frames but read them. */
  readonly frames?: Open
  /** Ours and the baseline again, each with the server that its users have. */
  readonly hub?: Open
  readonly plain?: Open
}
type Scene = keyof Scenes
type Sides = Readonly<Record<Scene, () => Promise<Measured>>>

/**
 * The client's CPU time for each message of 1 kB when they come one by one, from servers that do the same work.
 *
 * @param atMost the target: ours to the baseline
 */
export const receivePaced = (name: string, atMost: number, scenes: Scenes): Row => ({
  name,
  run: async () => {
    const opened = new Map<Scene, PacedScene[]>()
    try {
      for (const [scene, open] of Object.entries(scenes)) {
        const alike: PacedScene[] = []
        opened.set(scene as Scene, alike)
        while (alike.length < processes) alike.push(await open())
      }
      const all = [...opened.values()].flat()
      for (let turn = 0; turn < warmUps; turn++) await Promise.all(all.map(send))
      const sides = Object.fromEntries([...opened].map(([scene, alike]) => [scene, () => inTurn(alike)]))
      const compared = await alternate<Measured, Scene>(runs, sides as unknown as Sides)
      const cpu = compared('cpu')
      const also = (scene: Scene, name: string, against?: Exclude<Scene, 'ours'>) =>
        opened.has(scene) ? [{ name, unit: 'µs', ...compared('cpu', scene, against) }] : []
      return {
        name,
        unit: 'µs',
        ...cpu,
        target: `ratio ≤ ${atMost.toFixed(2)}`,
        met: cpu.ratio <= atMost,
        also: [
          ...also('frames', 'our frames, read by the bare SDK'),
          ...also('hub', 'each from its own server', 'plain'),
        ],
      }
    } finally {
      await Promise.all([...opened.values()].flat().map((scene) => scene.stop()))
    }
  },
})

/** What a message takes in the mean of processes that are alike, one after the other. */
const inTurn = async (alike: readonly PacedScene[]): Promise<Measured> => {
  let cpu = 0
  for (const scene of alike) cpu += (await send(scene)).cpu / alike.length
  return { cpu }
}
const send = (scene: PacedScene) => scene.run(count, (server) => server.call('paced', count, perSecond))
