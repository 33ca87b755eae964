/** What a worker is asked. */
export type Ask =
  | { readonly type: 'run'; readonly seeds: readonly number[]; readonly untilBroken: boolean }
  | { readonly type: 'shrink'; readonly ran: Ran }

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
  /** Real milliseconds that it took. */
  readonly took: number
}

/** What a worker says: `began` and `ran` for each seed, `done` after the last of them. */
export type Answer =
  | { readonly type: 'ready'; readonly faultKinds: readonly string[] }
  | { readonly type: 'began'; readonly seed: number }
  | { readonly type: 'ran'; readonly ran: Ran }
  | { readonly type: 'done' }
  | { readonly type: 'shrunk'; readonly text: string }
