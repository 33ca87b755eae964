import type { AnyContract, ChannelHandle, Client, Receipt, View } from '@syncline/core'
import type { PresenceOf } from '@syncline/core/presence'
import type { Machine } from '../machine.ts'
import { type Contracts, contractsOf, type Shown } from './app.ts'
import type { JoinWatch } from './watch-joins.ts'
import type { OrderWatch } from './watch-order.ts'
import type { MadeWrite } from './writes.ts'

export type ListPresence = PresenceOf<Contracts['list']>

/** A channel as a run of a client follows it. */
export interface Followed {
  readonly handle: ChannelHandle<AnyContract>
  readonly view: View<Shown>
  readonly order: OrderWatch
  stop(): void
}

/** One run of a client: from its opening to its close or crash. */
export interface Run {
  readonly name: string
  readonly machine: Machine
  readonly client: Client
  readonly person: string
  readonly version: 1 | 2
  readonly storage: string
  /** What the disk calls that storage. */
  readonly stored: string
  /** Whose the storage is; undefined: nobody's yet. */
  owner(): string | undefined
  readonly followed: Map<string, Followed>
  /** Made once for each channel: two that persist under one name would write over one another. */
  readonly views: Map<string, View<Shown>>
  readonly receipts: Map<MadeWrite, Receipt>
  readonly presences: Map<string, ListPresence>
  /** The lists whose members its app looks at. */
  readonly watching: Set<string>
  closing: boolean
  readonly openedAt: number
  /** Since when it is connected; undefined: it is not. */
  connectedAt: number | undefined
  /** Since when it has the session that it has, or had last. */
  sessionSince: number
  readonly joins: JoinWatch
}

const contractOf = (
  { list, own, feed }: Contracts,
  channel: string,
): [AnyContract, Record<string, string>] => {
  const [kind, parameter = ''] = channel.split('/')
  if (kind === 'list') return [list, { id: parameter }]
  return kind === 'own' ? [own, { person: parameter }] : [feed, {}]
}

/** The run's handle of a channel. */
export const handleOf = (of: Run, channel: string, laterSchemas: boolean): ChannelHandle<AnyContract> => {
  const [contract, parameters] = contractOf(contractsOf(of.version, laterSchemas), channel)
  return of.client.channel(contract as Contracts['list'], parameters as { readonly id: string })
}
