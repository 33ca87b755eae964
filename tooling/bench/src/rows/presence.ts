import type { CrowdMethods } from '../load/crowd.ts'
import { median } from '../measure/median.ts'
import { startWorker } from '../process/worker.ts'
import type { Row } from '../row.ts'
import type { HubMethods } from '../servers/hub-server.ts'

const people = 1_000
const runs = 3
/** Milliseconds in which all enter, and in which all leave. */
const storm = 2_000
/** Seconds in which each changes once a second. */
const seconds = 5
/** All enter, change and leave; and the last word of each of the three phases. */
const changes = people * (1 + seconds) + (people - 1) + 3

/** 1,000 people who all watch one another join, change once a second and leave. */
export const presence: Row = {
  name: 'presence',
  run: async () => {
    const results: Awaited<ReturnType<typeof live>>[] = []
    for (let run = 0; run < runs; run++) results.push(await live())
    const value = median(results.map(({ frames }) => frames / changes))
    const figure = { baseline: null, ratio: null, runs }
    const also = (name: string, unit: string, of: (result: (typeof results)[number]) => number) => ({
      name,
      unit,
      value: median(results.map(of)),
      ...figure,
    })
    return {
      name: 'presence',
      value,
      unit: 'frames per change and client',
      ...figure,
      target: '≤ 0.1, all agree',
      met: value <= 0.1,
      also: [
        also('all agree after the joins', 'ms', ({ entered }) => entered),
        also('all agree after the changes', 'ms', ({ updated }) => updated),
        also('all agree after the leaves', 'ms', ({ left }) => left),
        also('hub CPU per change and client', 'µs', ({ cpu }) => cpu / changes / people),
      ],
    }
  },
}

const live = async () => {
  const hub = await startWorker<HubMethods>('servers/hub-server.ts')
  const port = await hub.call('port')
  const crowd = await startWorker<CrowdMethods>('load/crowd.ts', ['hub', port, people])
  try {
    await crowd.call('watch')
    const before = await hub.call('cpu')
    const entered = await crowd.call('enter', storm)
    await agree(hub.call('names'), crowd.call('folded'), people)
    const updated = await crowd.call('update', seconds)
    await agree(hub.call('names'), crowd.call('folded'), people)
    const left = await crowd.call('exit', storm)
    await agree(hub.call('names'), crowd.call('folded'), 1)
    const cpu = (await hub.call('cpu')) - before
    return { entered, updated, left, cpu, frames: await crowd.call('framesHeard') }
  } finally {
    await Promise.all([crowd.stop(), hub.stop()])
  }
}

const agree = async (
  hub: Promise<readonly string[]>,
  client: Promise<readonly string[]>,
  count: number,
): Promise<void> => {
  const [truth, seen] = await Promise.all([hub, client])
  const same = [...truth].sort().join() === [...seen].sort().join()
  if (!same || truth.length !== count)
    throw new Error(`The hub has ${truth.length} members, a client sees ${seen.length}, of ${count}.`)
}
