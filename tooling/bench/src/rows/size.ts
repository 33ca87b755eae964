import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Row } from '../row.ts'

const root = fileURLToPath(new URL('../../../..', import.meta.url))

/** What size-limit says of one of its budgets. */
interface Measured {
  readonly name: string
  readonly size: number
}

/** The row, the budget's name in `.size-limit.mjs`, and its target in kB. */
const budgets = [
  ['size.core', '@syncline/core, rxjs included', 16],
  ['size.core+sse', '@syncline/core + @syncline/sse, rxjs included', 18],
  ['size.react', '@syncline/react', 2],
  ['size.tanstack-query', '@syncline/tanstack-query', 2],
  ['size.pusher', '@syncline/pusher', 2],
  ['size.ably', '@syncline/ably', 2],
] as const

let measured: Promise<readonly Measured[]> | undefined

const measure = async (): Promise<readonly Measured[]> => {
  const options = { cwd: root, shell: process.platform === 'win32' }
  // It exits with 1 where a budget is exceeded, and has told the sizes all the same.
  const { stdout } = await promisify(execFile)('size-limit', ['--json'], options).catch(
    (error: { stdout?: string }) => {
      if (error.stdout) return { stdout: error.stdout }
      throw error
    },
  )
  return JSON.parse(stdout)
}

/** What a browser loads, minified and gzipped, as `pnpm size` measures it. */
export const sizes: readonly Row[] = budgets.map(([name, budget, limit]) => ({
  name,
  run: async () => {
    measured ??= measure()
    const size = (await measured).find((each) => each.name === budget)?.size
    if (size === undefined) throw new Error(`.size-limit.mjs has no "${budget}".`)
    const value = size / 1_000
    const target = `≤ ${limit} kB min + gzip`
    return { name, value, unit: 'kB', baseline: null, ratio: null, runs: 1, target, met: value <= limit }
  },
}))
