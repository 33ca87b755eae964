import type { MutantResult } from './run-mutants.ts'

/** Characters of what was found that are shown. */
const FOUND = 90

/** The mutants, what each breaks and what noticed. */
export const mutantsTable = (results: readonly MutantResult[]): string => {
  const rows = [
    ['mutant', 'breaks', 'caught at seed', 'as a breach of', 'found'],
    ...results.map(({ name, breaks, seed, promise, message }) => [
      name,
      breaks,
      seed?.toString() ?? 'NOT CAUGHT',
      promise ?? '',
      (message ?? '').slice(0, FOUND),
    ]),
  ]
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  const caught = results.filter(({ seed }) => seed !== undefined).length
  return [...lines, '', `${caught} of ${results.length} mutants were caught.`].join('\n')
}
