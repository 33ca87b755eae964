import { median } from './median.ts'

/** What a side measured, by the name of the figure. */
export type Measured = Readonly<Record<string, number>>

/** The medians of two sides, the second of them mostly the baseline, and their ratio, for one figure. */
export interface Compared {
  readonly value: number
  readonly baseline: number
  readonly ratio: number
  readonly runs: number
}

type Side<M> = () => Promise<M>

/**
 * Measures all sides in turns (A B A B …), so that what else the machine does hits them alike, and takes the
 * medians. One run of each before that warms up and does not count.
 */
export const alternate = async <M extends Measured, Other extends string = never>(
  runs: number,
  sides: Readonly<Record<'baseline' | 'ours', Side<M>>> & Readonly<Partial<Record<Other, Side<M>>>>,
): Promise<(figure: keyof M, side?: 'ours' | Other, against?: 'baseline' | Other) => Compared> => {
  const all = Object.entries<Side<M>>(sides).map(([name, run]) => ({ name, run, measured: [] as M[] }))
  for (let turn = -1; turn < runs; turn++)
    for (const { run, measured } of all) {
      const one = await run()
      if (turn >= 0) measured.push(one)
    }
  const middle = (side: string, figure: keyof M) =>
    median(all.find(({ name }) => name === side)?.measured.map((one) => one[figure] as number) ?? [])
  return (figure, side = 'ours', against = 'baseline') => {
    const value = middle(side, figure)
    const baseline = middle(against, figure)
    return { value, baseline, ratio: value / baseline, runs }
  }
}
