import type { InputOf, OutputOf, Schema } from './schema.ts'

/** The events of a channel by name: the schema of what travels. */
export type EventSchemas = Readonly<Record<string, Schema>>

/** A named mutation: what it takes and what it gives back. */
export interface MutationSchemas {
  readonly input: Schema
  /** Left out: the mutation has no result. */
  readonly output?: Schema
}

/** A write made under an older version of the contract, as the outbox kept it. */
export interface OldWrite {
  readonly version: number
  readonly kind: 'mutate' | 'publish'
  readonly name: string
  readonly data: unknown
}

/** What `defineChannel` takes. */
export interface ChannelDefinition {
  /** The contract's version, a whole number from 1. Default 1. Raise it when stored writes or views no longer fit. */
  readonly version?: number
  /** The state that a client starts from. Left out: the channel has events only. */
  readonly snapshot?: Schema | undefined
  readonly events: EventSchemas
  readonly mutations?: Readonly<Record<string, MutationSchemas>>
  /** The events that clients may publish themselves. Default none. */
  readonly publish?: readonly string[]
  /** What each member of the channel shares. Left out: the channel has no presence. */
  readonly presence?: Schema | undefined
  /** Where a member's cursor is. Left out: members share no cursors. Needs `presence`. */
  readonly cursor?: Schema | undefined
  /** Brings a stored write of an older version up to this one; undefined parks it as `contract-outdated`. */
  readonly upgradeWrite?: (write: OldWrite) => Pick<OldWrite, 'name' | 'data'> | undefined
}

/** The contract of a channel: one definition for both ends. Made by `defineChannel`. */
export interface ChannelContract<
  Name extends string = string,
  Definition extends ChannelDefinition = ChannelDefinition,
> {
  readonly name: Name
  readonly version: number
  /** The parameters that the name asks for, in order: `['id']` for `board/:id`. */
  readonly parameters: readonly string[]
  readonly definition: Definition
}

// biome-ignore lint/suspicious/noExplicitAny: any contract, of any name and definition
export type AnyContract = ChannelContract<any, any>

type Definition<C extends AnyContract> = C['definition']
export type EventName<C extends AnyContract> = keyof Definition<C>['events'] & string
export type MutationName<C extends AnyContract> = keyof NonNullable<Definition<C>['mutations']> & string
/** What a listener gets. */
export type EventData<C extends AnyContract, E extends EventName<C>> = OutputOf<Definition<C>['events'][E]>
/** What is published. */
export type EventInput<C extends AnyContract, E extends EventName<C>> = InputOf<Definition<C>['events'][E]>
/** The events that clients may publish. */
export type PublishName<C extends AnyContract> = NonNullable<Definition<C>['publish']>[number] & EventName<C>
/** What the caller of a mutation passes. */
export type MutationInput<C extends AnyContract, M extends MutationName<C>> = InputOf<
  NonNullable<Definition<C>['mutations']>[M]['input']
>
/** What a mutation's handler gets. */
export type MutationParsedInput<C extends AnyContract, M extends MutationName<C>> = OutputOf<
  NonNullable<Definition<C>['mutations']>[M]['input']
>
type OutputSchema<C extends AnyContract, M extends MutationName<C>> = NonNullable<
  NonNullable<Definition<C>['mutations']>[M]['output']
>
/** What a mutation's handler returns. */
export type MutationReturn<C extends AnyContract, M extends MutationName<C>> =
  unknown extends InputOf<OutputSchema<C, M>>
    ? // biome-ignore lint/suspicious/noConfusingVoidType: a handler without an output returns nothing
      void
    : InputOf<OutputSchema<C, M>>
/** What the caller of a mutation gets back; nothing where it has no output. */
export type MutationResult<C extends AnyContract, M extends MutationName<C>> =
  unknown extends InputOf<OutputSchema<C, M>>
    ? // biome-ignore lint/suspicious/noConfusingVoidType: there is no result
      void
    : OutputOf<OutputSchema<C, M>>
type SnapshotSchema<C extends AnyContract> = NonNullable<Definition<C>['snapshot']>
/** What the hub's snapshot handler returns; `undefined` where the contract has no snapshot. */
export type SnapshotInput<C extends AnyContract> = [SnapshotSchema<C>] extends [never]
  ? undefined
  : InputOf<SnapshotSchema<C>>
/** What a view starts from; `undefined` where the contract has no snapshot. */
export type SnapshotState<C extends AnyContract> = [SnapshotSchema<C>] extends [never]
  ? undefined
  : OutputOf<SnapshotSchema<C>>

type PresenceSchema<C extends AnyContract> = NonNullable<Definition<C>['presence']>
type CursorSchema<C extends AnyContract> = NonNullable<Definition<C>['cursor']>
/** What a member shares when it enters; `never` where the contract has no `presence`. */
export type PresenceInput<C extends AnyContract> = InputOf<PresenceSchema<C>>
/** What others see of it. */
export type PresenceState<C extends AnyContract> = OutputOf<PresenceSchema<C>>
/** Where a member says that its cursor is; `never` where the contract has no `cursor`. */
export type CursorInput<C extends AnyContract> = InputOf<CursorSchema<C>>
/** Where others see it. */
export type CursorState<C extends AnyContract> = OutputOf<CursorSchema<C>>

/** The parameters in a name: `{ id: string | number }` for `board/:id`. */
export type Parameters<Name extends string> = Name extends `${string}:${infer Rest}`
  ? Rest extends `${infer Key}/${infer Tail}`
    ? { readonly [K in Key]: string | number } & Parameters<Tail>
    : { readonly [K in Rest]: string | number }
  : unknown
/** The extra argument of `client.channel`: none for a name without parameters. */
export type ParametersArgument<C extends AnyContract> =
  unknown extends Parameters<C['name']> ? [] : [parameters: Parameters<C['name']>]
