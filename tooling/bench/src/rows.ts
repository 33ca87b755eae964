import type { Row } from './row.ts'
import { connections } from './rows/connections.ts'
import { cursors } from './rows/cursors.ts'
import { dispatch } from './rows/dispatch.ts'
import { fanoutBurst } from './rows/fanout-burst.ts'
import { fanoutSingle } from './rows/fanout-single.ts'
import { latency } from './rows/latency.ts'
import { mutationsMemory, mutationsSqlite } from './rows/mutations.ts'
import { outboxIndexedDb } from './rows/outbox-indexed-db.ts'
import { presence } from './rows/presence.ts'
import { providers } from './rows/provider.ts'
import { receiveFlood } from './rows/receive-flood.ts'
import { managedProviders, receiveManaged } from './rows/receive-managed.ts'
import { receiveSingle } from './rows/receive-single.ts'
import { reconnect } from './rows/reconnect.ts'
import { sizes } from './rows/size.ts'

/** Every row, in the order of the table. */
export const rows: readonly Row[] = [
  ...providers.map(fanoutBurst),
  ...providers.map(fanoutSingle),
  ...providers.map(latency),
  ...providers.map(receiveFlood),
  ...providers.map(receiveSingle),
  ...managedProviders.map(receiveManaged),
  dispatch,
  mutationsMemory,
  mutationsSqlite,
  outboxIndexedDb,
  reconnect,
  connections,
  presence,
  cursors,
  ...sizes,
]
