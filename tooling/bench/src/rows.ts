import type { Row } from './row.ts'
import { fanoutBurst } from './rows/fanout-burst.ts'
import { fanoutSingle } from './rows/fanout-single.ts'
import { latency } from './rows/latency.ts'
import { providers } from './rows/provider.ts'

/** Every row, in the order of the table. */
export const rows: readonly Row[] = [
  ...providers.map(fanoutBurst),
  ...providers.map(fanoutSingle),
  ...providers.map(latency),
]
