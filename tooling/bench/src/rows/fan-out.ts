import { alternate, type Compared } from '../measure/alternate.ts'
import { createFanOutScene, type FanOutMode } from '../measure/fan-out-scene.ts'
import { baselineServer, type Provider } from './provider.ts'

/** Deliveries a second and the server's CPU time for each, in µs, against the baseline. */
export const compareFanOut = async (
  provider: Provider,
  store: string,
  mode: FanOutMode,
  { count, runs }: { readonly count: number; readonly runs: number },
): Promise<(figure: 'deliveries' | 'cpu') => Compared> => {
  const ours = await createFanOutScene('servers/hub-server.ts', [store], `hub.${provider}`)
  const baseline = await createFanOutScene(baselineServer[provider], [], `plain.${provider}`)
  try {
    return await alternate(runs, {
      ours: () => ours.run(mode, count),
      baseline: () => baseline.run(mode, count),
    })
  } finally {
    await Promise.all([ours.stop(), baseline.stop()])
  }
}
