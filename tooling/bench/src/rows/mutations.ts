import { join } from 'node:path'
import { alternate } from '../measure/alternate.ts'
import { createScratch } from '../measure/scratch.ts'
import { createWriteScene, type WriteScene } from '../measure/write-scene.ts'
import type { Row } from '../row.ts'

const count = 10_000

const compare = async (ours: WriteScene, baseline: WriteScene) => {
  try {
    return await alternate(7, { ours: () => ours.run(count), baseline: () => baseline.run(count) })
  } finally {
    await Promise.all([ours.stop(), baseline.stop()])
  }
}
const onHub = (store: string) => createWriteScene('servers/hub-server.ts', [store], 'hub')

/** Accepted mutations a second, each with one message of 1 kB, against an acknowledged emit without anything. */
export const mutationsMemory: Row = {
  name: 'mutations.memory',
  run: async () => {
    const bare = await createWriteScene('servers/socket-io-server.ts', [], 'plain')
    const compared = await compare(await onHub('memory'), bare)
    const rate = compared('rate')
    return {
      name: 'mutations.memory',
      unit: 'writes/s',
      ...rate,
      target: 'ratio ≥ 1.0',
      met: rate.ratio >= 1,
      also: [{ name: 'hub CPU per write', unit: 'µs', ...compared('cpu') }],
    }
  },
}

/** The same on SQLite, durable (WAL, synchronous FULL), against the memory store. */
export const mutationsSqlite: Row = {
  name: 'mutations.sqlite',
  run: async () => {
    const scratch = createScratch()
    try {
      const compared = await compare(await onHub(join(scratch.path, 'hub.db')), await onHub('memory'))
      const rate = compared('rate')
      return {
        name: 'mutations.sqlite',
        unit: 'writes/s',
        ...rate,
        target: 'ratio ≥ 0.4',
        met: rate.ratio >= 0.4,
        also: [{ name: 'hub CPU per write', unit: 'µs', ...compared('cpu') }],
      }
    } finally {
      scratch.remove()
    }
  },
}
