import type { Message } from '@syncline/core'
import type { TargetFilters } from './query-target.ts'

/** What a message does to queries: made by `invalidate` and `patch`. */
export interface QueryAction<Data> {
  readonly filters: TargetFilters
  /** Left out: the queries are fetched again. */
  // biome-ignore lint/suspicious/noExplicitAny: `patch` ties it to the query's data
  readonly update?: (old: any, data: Data, message: Message<string, Data>) => unknown
}
