import { SynclineError } from '../errors/syncline-error.ts'
import type { ChannelContract, EventSchemas, MutationSchemas, OldWrite } from './channel-contract.ts'
import { channelParameters } from './channel-name.ts'
import type { Schema } from './schema.ts'

type Mutations = Readonly<Record<string, MutationSchemas>>

/** A definition as `defineChannel` keeps it: every part known by its own type. */
export interface DefinitionOf<
  Events extends EventSchemas,
  M extends Mutations,
  Publish extends string,
  Snapshot extends Schema | undefined,
  Presence extends Schema | undefined = undefined,
  Cursor extends Schema | undefined = undefined,
> {
  readonly version?: number
  readonly snapshot?: Snapshot
  readonly events: Events
  readonly mutations?: M
  readonly publish?: readonly Publish[]
  readonly presence?: Presence
  readonly cursor?: Cursor
  readonly upgradeWrite?: (write: OldWrite) => Pick<OldWrite, 'name' | 'data'> | undefined
}

/**
 * Defines a channel once for both ends: the state that one starts from, its events, its mutations, what its members
 * share. Schemas are any Standard Schema, or `type<T>()` where nothing is to be checked at run time.
 *
 * The name is made of segments between `/`; a segment that starts with `:` is a parameter.
 *
 * @throws SynclineError `invalid-channel` for a name that is not valid, `unknown-event` for a `publish` that
 * is not among the events.
 * @example
 * const board = defineChannel('board/:id', {
 *   snapshot: type<Card[]>(),
 *   events: { 'card:moved': Card, 'cursor:moved': Cursor },
 *   mutations: { 'card:move': { input: Move, output: Card } },
 *   publish: ['cursor:moved'],
 *   presence: type<{ name: string }>(),
 * })
 */
export const defineChannel = <
  const Name extends string,
  Events extends EventSchemas,
  M extends Mutations = Record<never, never>,
  const Publish extends keyof Events & string = never,
  Snapshot extends Schema | undefined = undefined,
  Presence extends Schema | undefined = undefined,
  Cursor extends Schema | undefined = undefined,
>(
  name: Name,
  definition: DefinitionOf<Events, M, Publish, Snapshot, Presence, Cursor>,
): ChannelContract<
  Name,
  // Known to be there, or not to be: what needs it asks for it.
  DefinitionOf<Events, M, Publish, Snapshot, Presence, Cursor> & { readonly presence: Presence }
> => {
  const parameters = channelParameters(name)
  const { version = 1, events, publish = [] } = definition
  if (!Number.isInteger(version) || version < 1)
    throw new SynclineError('invalid-channel', { detail: `${name}: version is a whole number from 1.` })
  for (const event of publish)
    if (!Object.hasOwn(events, event))
      throw new SynclineError('unknown-event', { detail: `publish: ${event}.` })
  return { name, version, parameters, definition: definition as typeof definition & { presence: Presence } }
}
