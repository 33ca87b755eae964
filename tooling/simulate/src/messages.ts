/** What a worker is asked. */
export type Ask =
  | { readonly type: 'run'; readonly seeds: readonly number[]; readonly untilBroken: boolean }
  | { readonly type: 'shrink'; readonly seed: number }

/** A history as it is reported. */
export interface Ran {
  readonly seed: number
  readonly promise: string | undefined
  readonly message: string | undefined
  readonly faults: readonly string[]
  readonly hash: string
  readonly writes: number
  readonly commits: number
  readonly events: number
  /** Virtual milliseconds after the last fault. */
  readonly settledAfter: number
}

export interface Shrunk {
  readonly text: string
  readonly steps: number
}

/** What a worker answers. */
export type Answer =
  | { readonly type: 'ready'; readonly faultKinds: readonly string[] }
  | { readonly type: 'ran'; readonly results: readonly Ran[] }
  | { readonly type: 'shrunk'; readonly shrunk: Shrunk }
