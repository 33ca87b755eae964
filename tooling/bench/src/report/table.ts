import type { Figure, RowResult } from '../row.ts'

const number = (value: number | null): string => {
  if (value === null) return '–'
  const digits = Math.abs(value) >= 1_000 ? 0 : Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 0.1 ? 2 : 3
  return value.toLocaleString('en-US', { maximumFractionDigits: digits })
}

const cells = (figure: Figure, target: string, met: string, indent = ''): readonly string[] => [
  indent + figure.name,
  number(figure.value),
  figure.unit,
  number(figure.baseline),
  figure.ratio === null ? '–' : `${number(figure.ratio)} ×`,
  String(figure.runs),
  target,
  met,
]

const lines = (row: RowResult): readonly (readonly string[])[] => [
  cells(row, row.target, row.met ? 'met' : 'MISSED'),
  ...(row.also ?? []).map((figure) => cells(figure, '', '', '  ')),
]

const head = ['row', 'median', 'unit', 'baseline', 'ratio', 'runs', 'target', '']
const numeric = new Set([1, 3, 4, 5])

/** The rows as a table for people. */
export const table = (rows: readonly RowResult[]): string => {
  const all = [head, ...rows.flatMap(lines)]
  const widths = head.map((_, column) => Math.max(...all.map((line) => line[column]?.length ?? 0)))
  return all
    .map((line) =>
      line
        .map((cell, column) =>
          numeric.has(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
