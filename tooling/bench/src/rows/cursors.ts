import type { CrowdMethods } from '../load/crowd.ts'
import { alternate } from '../measure/alternate.ts'
import { startWorker } from '../process/worker.ts'
import type { Row } from '../row.ts'
import type { HubMethods } from '../servers/hub-server.ts'

const people = 50
const seconds = 5
const runs = 5

/** 50 people move their cursors 30 times a second: the hub's CPU against an emit to the others for each move. */
export const cursors: Row = {
  name: 'cursors',
  run: async () => {
    const ours = await createScene('servers/hub-server.ts', 'hub')
    const baseline = await createScene('servers/socket-io-server.ts', 'plain')
    try {
      const compared = await alternate(runs, { ours: ours.run, baseline: baseline.run })
      const cpu = compared('cpu')
      return {
        name: 'cursors',
        unit: 'ms of hub CPU for each second',
        ...cpu,
        target: 'ratio ≤ 0.5',
        met: cpu.ratio <= 0.5,
        also: [{ name: 'frames to each client', unit: '/s', ...compared('frames') }],
      }
    } finally {
      await Promise.all([ours.stop(), baseline.stop()])
    }
  },
}

const createScene = async (script: string, peer: 'hub' | 'plain') => {
  const server = await startWorker<Pick<HubMethods, 'port' | 'cpu'>>(script)
  const crowd = await startWorker<CrowdMethods>('load/crowd.ts', [peer, await server.call('port'), people])
  if (peer === 'hub') await crowd.call('watch')
  await crowd.call('enter', 100)
  return {
    run: async () => {
      const frames = await crowd.call('framesHeard')
      const before = await server.call('cpu')
      await crowd.call('move', seconds)
      const cpu = (await server.call('cpu')) - before
      const heard = (await crowd.call('framesHeard')) - frames
      return { cpu: cpu / 1_000 / seconds, frames: heard / seconds }
    },
    stop: async () => {
      await Promise.all([crowd.stop(), server.stop()])
    },
  }
}
