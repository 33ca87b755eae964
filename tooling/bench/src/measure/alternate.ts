import { median } from './median.ts'

/** What both sides measured, by the name of the figure. */
export type Measured = Readonly<Record<string, number>>

/** The medians of both sides and their ratio, for one figure. */
export interface Compared {
  readonly value: number
  readonly baseline: number
  readonly ratio: number
  readonly runs: number
}

/**
 * Measures both sides in turns (A B A B …), so that what else the machine does hits both alike, and takes the
 * medians. One run of each before that warms up and does not count.
 */
export const alternate = async <M extends Measured>(
  runs: number,
  sides: { readonly ours: () => Promise<M>; readonly baseline: () => Promise<M> },
): Promise<(figure: keyof M) => Compared> => {
  const ours: M[] = []
  const baseline: M[] = []
  for (let run = -1; run < runs; run++) {
    const first = await sides.baseline()
    const second = await sides.ours()
    if (run < 0) continue
    baseline.push(first)
    ours.push(second)
  }
  const middle = (side: readonly M[], figure: keyof M) => median(side.map((run) => run[figure] as number))
  return (figure) => {
    const value = middle(ours, figure)
    const against = middle(baseline, figure)
    return { value, baseline: against, ratio: value / against, runs }
  }
}
