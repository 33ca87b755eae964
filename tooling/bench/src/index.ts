// `pnpm bench [row …] [--json]`: runs the rows whose name begins so, all without one. Never fails because a
// target is missed; the exit code is 1 only where something could not be measured.
import { build } from './build.ts'
import { stopWorkers } from './process/worker.ts'
import { machine } from './report/machine.ts'
import { table } from './report/table.ts'
import type { Row, RowResult } from './row.ts'
import { rows } from './rows.ts'

const args = process.argv.slice(2)
const json = args.includes('--json')
const wanted = args.filter((arg) => !arg.startsWith('--'))
const chosen = rows.filter(
  ({ name }) => wanted.length === 0 || wanted.some((start) => name.startsWith(start)),
)

/** A row that could not be measured says why and leaves the others alone. */
const measure = async (row: Row): Promise<RowResult | undefined> => {
  process.stderr.write(`${row.name} …\n`)
  try {
    return await row.run()
  } catch (error) {
    process.stderr.write(
      `${row.name} could not be measured: ${error instanceof Error ? error.stack : error}\n`,
    )
    process.exitCode = 1
    return undefined
  } finally {
    await stopWorkers()
  }
}

if (chosen.length === 0) {
  process.stderr.write(`No row begins so. There are:\n${rows.map(({ name }) => `  ${name}`).join('\n')}\n`)
  process.exitCode = 1
} else {
  build()
  const results: RowResult[] = []
  for (const row of chosen) {
    const result = await measure(row)
    if (result) results.push(result)
  }
  const where = machine()
  process.stdout.write(
    json
      ? `${JSON.stringify({ machine: where, rows: results })}\n`
      : `\n${Object.entries(where)
          .map(([key, value]) => `${key} ${value}`)
          .join(' · ')}\n\n${table(results)}\n`,
  )
}
