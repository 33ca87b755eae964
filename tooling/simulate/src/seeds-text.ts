import type { SeedsReport } from './run-seeds.ts'

/** From so many histories on, each kind of fault must have happened in one of a hundred. */
const ENOUGH = 1_000

/** The kinds of faults that happened too seldom to say anything. */
export const rarely = ({ histories, faults }: SeedsReport): string[] =>
  histories < ENOUGH ? [] : [...faults].filter(([, count]) => count < histories / 100).map(([kind]) => kind)

const seconds = (milliseconds: number): string => `${(milliseconds / 1_000).toFixed(1)} s`

/** What a run came to, as a person reads it. */
export const seedsText = (report: SeedsReport, from: number): string => {
  const { histories, failures, texts, faults, writes, commits, events, slowest, milliseconds } = report
  const share = (count: number): string => `${((100 * count) / Math.max(1, histories)).toFixed(1)} %`
  const width = Math.max(...[...faults.keys()].map(({ length }) => length))
  const rare = rarely(report)
  return [
    ...texts.flatMap((text) => [text, '']),
    ...(failures.length > texts.length
      ? [
          'More that break a promise:',
          ...failures.slice(texts.length).map(({ seed, promise, message }) => {
            const [line = ''] = (message ?? '').split('\n', 1)
            return `  ${seed}  ${promise}: ${line}`
          }),
          '',
        ]
      : []),
    'Faults, and in how many of the histories they happened:',
    ...[...faults].map(([kind, count]) => `  ${kind.padEnd(width)}  ${share(count).padStart(7)}`),
    '',
    `Seeds ${from} to ${from + histories - 1}: ${histories} histories, ${writes} writes, ${commits} commits, ${events} events in ${seconds(milliseconds)}.`,
    `Everything had come to rest within ${seconds(slowest)} of virtual time after the last fault.`,
    failures.length === 0
      ? 'Every promise was kept.'
      : `${failures.length} of them broke a promise; the first again: pnpm simulate --seed ${failures[0]?.seed}`,
    ...(rare.length > 0 ? [`Too seldom to say anything (less than 1 %): ${rare.join(', ')}.`] : []),
  ].join('\n')
}
