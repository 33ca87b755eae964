import { alternate } from '../measure/alternate.ts'
import { createFanOutScene } from '../measure/fan-out-scene.ts'
import { quantile } from '../measure/median.ts'
import type { Row } from '../row.ts'
import { baselineServer, type Provider } from './provider.ts'

const runs = 5
const seconds = 4

/** The p99 of the time from publish to arrival, 1 kB JSON to 1,000 clients at a steady pace. */
export const latency = (provider: Provider): Row => {
  const name = `latency.${provider}`
  return {
    name,
    run: async () => {
      const [slow, fast] = await compare(provider)
      const worse = slow.ratio > fast.ratio ? slow : fast
      return {
        name,
        unit: 'ms',
        ...worse,
        target: 'ratio ≤ 1.1 at 20/s and at 60/s',
        met: worse.ratio <= 1.1,
        also: [
          { name: 'p99 at 20/s', unit: 'ms', ...slow },
          { name: 'p99 at 60/s', unit: 'ms', ...fast },
        ],
      }
    },
  }
}

const compare = async (provider: Provider) => {
  const ours = await createFanOutScene('servers/hub-server.ts', ['memory'], `hub.${provider}`)
  const baseline = await createFanOutScene(baselineServer[provider], [], `plain.${provider}`)
  const p99 = async (scene: typeof ours, perSecond: number) =>
    quantile(await scene.delays(perSecond * seconds, perSecond), 0.99) / 1_000
  const at = async (perSecond: number) => {
    const compared = await alternate(runs, {
      ours: async () => ({ p99: await p99(ours, perSecond) }),
      baseline: async () => ({ p99: await p99(baseline, perSecond) }),
    })
    return compared('p99')
  }
  try {
    return [await at(20), await at(60)] as const
  } finally {
    await Promise.all([ours.stop(), baseline.stop()])
  }
}
