/** One measured figure: medians over the runs. */
export interface Figure {
  readonly name: string
  /** Ours. Null where it could not be measured. */
  readonly value: number | null
  readonly unit: string
  /** The same of what it is measured against; null where there is nothing. */
  readonly baseline: number | null
  /** `value / baseline`. */
  readonly ratio: number | null
  /** How many runs the medians are taken from. */
  readonly runs: number
}

/** A row of the result, with what it is held against and what else the same runs told. */
export interface RowResult extends Figure {
  /** The target in words: `ratio ≥ 8`. */
  readonly target: string
  readonly met: boolean
  readonly also?: readonly Figure[]
}

/** A benchmark. */
export interface Row {
  readonly name: string
  run(): Promise<RowResult>
}
