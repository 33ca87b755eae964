import { defineChannel, type Schema } from '@syncline/core'
import type { Authorization, Hub, MutationRequest } from '@syncline/server'
import type { Chance } from '../chance.ts'
import type { HubTables } from '../hub-disk.ts'
import type { Machine } from '../machine.ts'
import type { Earliest } from './earliest.ts'
import type { FaultKind } from './fault-kinds.ts'
import type { Effect, Truth } from './truth.ts'

/** What a mutation of the simulated app comes to. */
export type How =
  | 'one'
  | 'three'
  | 'none'
  | 'elsewhere'
  | 'both'
  | 'reject'
  | 'later'
  | 'throw'
  | 'hang'
  | 'slow'

export interface Input {
  readonly tag: string
  readonly how: How
  /** Version 2 of the contract has it. */
  readonly v?: 2 | undefined
}

export interface PersonState {
  readonly name: string
  readonly n: number
}

/** The state of a view. */
export interface Shown {
  /** The contract's version: a state of another one must not be taken for it. */
  readonly v: number
  readonly tags: readonly string[]
}

/** The tags that a write appends to its own channel, in order. */
export const tagsHere = ({ tag, how }: Pick<Input, 'tag' | 'how'>): readonly string[] => {
  if (how === 'three') return [`${tag}.1`, `${tag}.2`, `${tag}.3`]
  return ['one', 'both', 'later', 'slow', 'hang'].includes(how) ? [tag] : []
}

/** The tags that it appends to the other list. */
export const tagsElsewhere = ({ tag, how }: Pick<Input, 'tag' | 'how'>): readonly string[] =>
  how === 'elsewhere' || how === 'both' ? [`${tag}.else`] : []

type Check = (value: never) => string | undefined

/** A schema that checks, at once or a while later. */
const schemaOf = <T>(check: Check, later: boolean): Schema<T> => ({
  '~standard': {
    version: 1,
    vendor: 'simulation',
    validate: (value) => {
      const message = check(value as never)
      const result = message === undefined ? { value: value as T } : { issues: [{ message }] }
      return later ? Promise.resolve().then(() => result) : result
    },
  },
})

const isText: Check = ({ tag }: { tag?: unknown }) => (typeof tag === 'string' ? undefined : 'no tag')
const isPlain: Check = (effect: Effect) => (effect.odd ? 'odd' : isText(effect as never))
const isInput =
  (version: number): Check =>
  ({ tag, v }: Partial<Input>) =>
    typeof tag === 'string' && (v ?? 1) === version ? undefined : `not an input of version ${version}`
const isTags: Check = (value: unknown) => (Array.isArray(value) ? undefined : 'no list')
const isPerson: Check = ({ name }: Partial<PersonState>) => (typeof name === 'string' ? undefined : 'no name')
const isNumber: Check = (value: unknown) => (typeof value === 'number' ? undefined : 'no number')

/** A backend knows more of what is published than the pages that were loaded before it. */
type Reader = 'page' | 'hub'

/** The contracts of one version. `later`: their schemas are asynchronous. */
const makeContracts = (version: 1 | 2, later: boolean, reader: Reader) => {
  const input = schemaOf<Input>(isInput(version), later)
  const effect = schemaOf<Effect>(isText, later)
  const done = reader === 'page' && version === 1 ? schemaOf<Effect>(isPlain, later) : effect
  const definition = {
    version,
    events: { done },
    // One commits with the app's tables; the other runs before the commit.
    mutations: { put: { input, output: effect }, run: { input, output: effect } },
    publish: ['done'],
    upgradeWrite: ({ name, data }: { readonly name: string; readonly data: unknown }) => ({
      name,
      data: name === 'done' ? data : { ...(data as Input), v: 2 },
    }),
  } as const
  return {
    version,
    later,
    list: defineChannel('list/:id', {
      ...definition,
      snapshot: schemaOf<readonly string[]>(isTags, later),
      presence: schemaOf<PersonState>(isPerson, false),
      cursor: schemaOf<number>(isNumber, false),
    }),
    own: defineChannel('own/:person', {
      ...definition,
      snapshot: schemaOf<readonly string[]>(isTags, later),
    }),
    feed: defineChannel('feed', definition),
  }
}

export type Contracts = ReturnType<typeof makeContracts>

const made = new Map<string, Contracts>()

export const contractsOf = (version: 1 | 2, later: boolean, reader: Reader = 'page'): Contracts => {
  const key = `${version} ${later} ${reader}`
  const known = made.get(key) ?? makeContracts(version, later, reader)
  made.set(key, known)
  return known
}

export interface User {
  readonly id: string
  readonly expiresAt?: number | undefined
}

export interface AppContext {
  readonly hub: Hub<HubTables, User>
  readonly machine: Machine
  readonly chance: Chance
  readonly truth: Truth
  readonly contracts: Contracts
  /** Which handlers ran, how often, and for whom. */
  ran(writeId: string, subject: string): number
  happened(fault: FaultKind): void
  /** What may be seen of a channel at the earliest. */
  earliest(channel: string): Earliest | undefined
}

/** Serves the simulated app: lists with a snapshot, lists of one's own, and a feed without one. */
export const serveApp = ({
  hub,
  machine,
  chance,
  truth,
  contracts,
  ran,
  happened,
  earliest,
}: AppContext): void => {
  const { list, own, feed } = contracts
  const wait = (ms: number): Promise<void> => new Promise((resolve) => machine.deliver(ms, resolve))
  type Request = Pick<
    MutationRequest<typeof list, 'put', User>,
    'input' | 'writeId' | 'user' | 'channel' | 'publish' | 'reject' | 'retryLater'
  >
  const effects = ({ input, writeId, user, channel, publish, reject, retryLater }: Request): Effect => {
    const times = ran(writeId, user.id)
    const { how, tag } = input
    if (how === 'reject' || how === 'throw' || (how === 'later' && times < 3)) happened(`handler: ${how}`)
    if (how === 'reject') throw reject('no')
    if (how === 'throw') throw new Error('The handler failed.')
    if (how === 'later' && times < 3) throw retryLater(300)
    for (const each of tagsHere(input)) publish('done', { tag: each })
    const other = channel === 'list/a' ? 'b' : 'a'
    for (const each of tagsElsewhere(input)) publish.to(list, { id: other }, 'done', { tag: each })
    return { tag }
  }
  const run = async (request: Request): Promise<Effect> => {
    const { how } = request.input
    if (how === 'hang' || how === 'slow') happened(`handler: ${how}`)
    if (how === 'hang') await new Promise(() => {})
    if (how === 'slow') await wait(50 + chance.below(1_500))
    return effects(request)
  }
  const mutations = {
    // What runs inside a commit cannot wait for a schema.
    put: contracts.later
      ? run
      : {
          transaction: (request: Request & { readonly db: HubTables }): Effect => {
            const mark = `mark ${request.writeId}`
            // Taken back if what follows throws.
            request.db.set(mark, ((request.db.get(mark) as number | undefined) ?? 0) + 1)
            return effects(request)
          },
        },
    run,
  }
  /** Reads the tables as they are, some time after it was asked, and takes some time to tell. */
  const snapshot = async ({ channel }: { readonly channel: string }): Promise<readonly string[]> => {
    if (chance.happens(0.5)) await wait(chance.below(60))
    const tags = truth.fold(truth.head(channel))
    if (chance.happens(0.5)) await wait(chance.below(60))
    return tags
  }
  const since = ({ channel }: { readonly channel: string }): Authorization => {
    const { position } = earliest(channel) ?? {}
    return position ? { since: position } : true
  }
  hub.serve(list, { snapshot, mutations, authorize: since } as never)
  hub.serve(own, {
    snapshot,
    mutations,
    authorize: ({ user, params }: { readonly user: User; readonly params: { readonly person: string } }) =>
      user.id === params.person,
  } as never)
  hub.serve(feed, { mutations, authorize: since } as never)
}
