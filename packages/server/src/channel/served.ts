import type { AnyContract, MutationSchemas, Schema } from '@syncline/core'
import type { Identity } from './identity.ts'
import type { Authorization } from './serve-options.ts'

/** A contract's handlers without their types: what the hub works with inside. */
export interface Served {
  readonly contract: AnyContract
  readonly snapshotSchema: Schema | undefined
  readonly events: Readonly<Record<string, Schema>>
  readonly mutations: Readonly<Record<string, MutationSchemas>>
  /** Undefined: the channel has no presence, or its members no cursors. */
  readonly presence: Schema | undefined
  readonly cursor: Schema | undefined
  readonly publishable: ReadonlySet<string>
  authorize(request: ServedRequest): Authorization | Promise<Authorization>
  readonly snapshot: ((request: ServedRequest & { readonly db: unknown }) => unknown) | undefined
  readonly handlers: ReadonlyMap<string, ServedHandler>
  /** True once a handler of another channel has published to one of this contract. */
  reached: boolean
}

export interface ServedRequest {
  readonly user: Identity
  readonly params: Readonly<Record<string, string>>
  readonly channel: string
}

export interface ServedMutationRequest extends ServedRequest {
  readonly input: unknown
  readonly writeId: string
  readonly publish: unknown
  readonly reject: unknown
  readonly retryLater: unknown
  readonly db?: unknown
}

export interface ServedHandler {
  readonly type: 'plain' | 'transaction'
  run(request: ServedMutationRequest): unknown
  /** True once it has published to another channel than its own. */
  reaches: boolean
}

interface Given {
  readonly authorize?: (request: ServedRequest) => Authorization | Promise<Authorization>
  readonly snapshot?: (request: ServedRequest & { readonly db: unknown }) => unknown
  readonly mutations?: Readonly<Record<string, GivenHandler>>
}
type GivenHandler =
  | ((request: ServedMutationRequest) => unknown)
  | { transaction(request: ServedMutationRequest): unknown }

const handlerOf = (given: GivenHandler): ServedHandler =>
  typeof given === 'function'
    ? { type: 'plain', run: given, reaches: false }
    : { type: 'transaction', run: (request) => given.transaction(request), reaches: false }

/** Own properties only, so that a name from a client never finds what every object has. */
const own = <T>(record: Readonly<Record<string, T>> | undefined): Readonly<Record<string, T>> =>
  Object.assign(Object.create(null) as Record<string, T>, record)

/** Takes the typed options of `hub.serve` into the form the hub works with. */
export const toServed = (contract: AnyContract, options: unknown): Served => {
  const given = options as Given
  const { definition } = contract
  return {
    contract,
    snapshotSchema: definition.snapshot,
    events: own(definition.events),
    mutations: own(definition.mutations),
    presence: definition.presence,
    cursor: definition.cursor,
    publishable: new Set(definition.publish ?? []),
    authorize: given.authorize ?? (() => true),
    snapshot: given.snapshot,
    reached: false,
    handlers: new Map(
      Object.entries(given.mutations ?? {}).map(([name, handler]) => [name, handlerOf(handler)]),
    ),
  }
}
