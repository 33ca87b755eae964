// `pnpm simulate [--seeds N] [--from K] [--seed S] [--json]`: runs the histories of N seeds from K on and checks every
// promise; with `--seed` one of them, made short if it breaks one.
// `pnpm simulate mutants [name …] [--json]`: breaks the product on purpose, and says which seed notices.
import { parseArgs } from 'node:util'
import { buildWorker } from './build-worker.ts'
import { isHung } from './hung.ts'
import type { Ran } from './messages.ts'
import { mutantsTable } from './mutants-table.ts'
import { type HistoryWorker, openWorker } from './open-worker.ts'
import { runMutants } from './run-mutants.ts'
import { runSeeds } from './run-seeds.ts'
import { rarely, seedsText } from './seeds-text.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})
const print = (text: string): void => void process.stdout.write(`${text}\n`)
const whole = (text: string, name: string): number => {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 0) throw new TypeError(`--${name} is a whole number.`)
  return number
}

const textOf = async (worker: HistoryWorker, ran: Ran): Promise<string> => {
  if (ran.promise === undefined) return `Seed ${ran.seed} breaks no promise (${ran.hash}).`
  return isHung(ran) ? `Seed ${ran.seed} hung.\n  ${ran.message}` : worker.shrink(ran)
}

const one = async (seed: number): Promise<void> => {
  const bundle = await buildWorker()
  const worker = await openWorker(bundle.file)
  try {
    const [ran] = (await worker.run([seed])) as readonly [Ran]
    const text = await textOf(worker, ran)
    print(values.json ? JSON.stringify({ ...ran, text }) : text)
    if (ran.promise !== undefined) process.exitCode = 1
  } finally {
    await worker.close()
    bundle.remove()
  }
}

const many = async (from: number, count: number): Promise<void> => {
  const report = await runSeeds(from, count, (done, failed) => {
    if (process.stderr.isTTY)
      process.stderr.write(`\r${done} of ${count} histories, ${failed} broke a promise `)
  })
  if (process.stderr.isTTY) process.stderr.write('\n')
  const rare = rarely(report)
  print(
    values.json
      ? JSON.stringify({ from, ...report, faults: Object.fromEntries(report.faults), rare })
      : seedsText(report, from),
  )
  if (report.failures.length > 0 || rare.length > 0) process.exitCode = 1
}

const mutants = async (names: readonly string[]): Promise<void> => {
  const results = await runMutants(names, (text) => process.stderr.write(`${text}\n`))
  print(values.json ? JSON.stringify(results) : mutantsTable(results))
  if (results.some(({ seed }) => seed === undefined)) process.exitCode = 1
}

if (positionals[0] === 'mutants') await mutants(positionals.slice(1))
else if (values.seed !== undefined) await one(whole(values.seed, 'seed'))
else await many(whole(values.from, 'from'), whole(values.seeds, 'seeds'))
