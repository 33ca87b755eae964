import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { ManyClientsMethods } from '../clients/many-clients.ts'
import { median } from '../measure/median.ts'
import { createScratch } from '../measure/scratch.ts'
import { clock } from '../process/usage.ts'
import { startWorker, type Worker } from '../process/worker.ts'
import type { Row } from '../row.ts'
import type { HubMethods } from '../servers/hub-server.ts'
import { providers } from './provider.ts'

const clients = 1_000
const runs = 3
/** The hub is away for so long that most clients try more than once. */
const downtime = 4_000
const patience = 120_000
const windowSize = 100_000

/** 1,000 real clients, half on each provider, after the hub was killed and started again on its SQLite file. */
export const reconnect: Row = {
  name: 'reconnect',
  run: async () => {
    const results = []
    for (let run = 0; run < runs; run++) results.push(await restart())
    const shares = results.map(({ share }) => share)
    const value = median(shares)
    const figure = { baseline: null, ratio: null, runs }
    return {
      name: 'reconnect',
      value,
      unit: '% of attempts in one 100 ms window',
      ...figure,
      target: 'all back, none lost, ≤ 10 %',
      met: Math.max(...shares) <= 10,
      also: [
        {
          name: 'all back and up to date',
          value: median(results.map(({ back }) => back)),
          unit: 's',
          ...figure,
        },
        { name: 'attempts', value: median(results.map(({ attempts }) => attempts)), unit: '', ...figure },
      ],
    }
  },
}

const restart = async () => {
  const scratch = createScratch()
  const file = join(scratch.path, 'hub.db')
  let hub = await startWorker<HubMethods>('servers/hub-server.ts', [file])
  const port = await hub.call('port')
  const processes = await Promise.all(
    providers.map((provider) =>
      startWorker<ManyClientsMethods>('clients/many-clients.ts', [
        provider,
        port,
        clients / providers.length,
      ]),
    ),
  )
  try {
    await hub.call('paced', 20, 50)
    await until(processes, (each) => each.call('complete', 20))
    const killed = clock()
    await hub.stop('SIGKILL')
    await delay(downtime)
    hub = await startWorker<HubMethods>('servers/hub-server.ts', [file, port])
    const started = clock()
    await hub.call('paced', 100, 20, 20)
    await until(processes, (each) => each.call('complete', 120))
    const back = (clock() - started) / 1e6
    await until(processes, (each) => each.call('connected'))
    for (const each of processes) for (const mistake of await each.call('mistakes')) throw new Error(mistake)
    const made = await Promise.all(processes.map((each) => each.call('attemptsSince', killed)))
    return { back, ...worstWindow(made.flat()) }
  } finally {
    await Promise.all(processes.map((each) => each.stop()))
    await hub.stop()
    scratch.remove()
  }
}

/** Waits until the processes count all clients together. */
const until = async (
  processes: readonly Worker<ManyClientsMethods>[],
  count: (each: Worker<ManyClientsMethods>) => Promise<number>,
): Promise<void> => {
  const end = clock() + patience * 1_000
  for (;;) {
    const counts = await Promise.all(processes.map(count))
    const there = counts.reduce((sum, each) => sum + each, 0)
    if (there === clients) return
    if (clock() > end) throw new Error(`Only ${there} of ${clients} clients are there.`)
    await delay(50)
  }
}

/** The share, in percent, of the attempts after each client's first that fall into the fullest 100 ms. */
const worstWindow = (attempts: readonly (readonly number[])[]): { share: number; attempts: number } => {
  const later = attempts.flatMap((own) => own.slice(1)).sort((a, b) => a - b)
  let most = 0
  let from = 0
  for (let to = 0; to < later.length; to++) {
    while ((later[to] as number) - (later[from] as number) >= windowSize) from++
    most = Math.max(most, to - from + 1)
  }
  return { share: (100 * most) / Math.max(1, later.length), attempts: attempts.flat().length }
}
