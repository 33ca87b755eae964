import { z } from 'zod'
import type { ChannelHandle } from '../client/client.ts'
import type { AnyContract, CursorState, PresenceInput, PresenceState } from '../contract/channel-contract.ts'
import { defineChannel } from '../contract/define-channel.ts'
import { type } from '../contract/schema.ts'
import type { State } from '../state/state.ts'
import { channelPresence } from './channel-presence.ts'
import type { Member, MemberCursor, Person } from './presence.ts'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const holds = <_ extends true>(): void => undefined

const Profile = z.object({ name: z.string(), seen: z.string().transform((text) => new Date(text)) })
interface ProfileIn {
  name: string
  seen: string
}
interface ProfileOut {
  name: string
  seen: Date
}
interface Point {
  x: number
  y: number
}

// What is shared goes in as the schema takes it, and comes out as it gives it.

const board = defineChannel('board/:id', { events: {}, presence: Profile, cursor: type<Point>() })
declare const boardHandle: ChannelHandle<typeof board>
const presence = channelPresence(boardHandle)

holds<Equal<PresenceInput<typeof board>, ProfileIn>>()
holds<Equal<PresenceState<typeof board>, ProfileOut>>()
holds<Equal<CursorState<typeof board>, Point>>()
holds<Equal<typeof presence.members$, State<readonly Member<ProfileOut>[]>>>()
holds<Equal<typeof presence.people$, State<readonly Person<ProfileOut>[]>>>()
holds<Equal<typeof presence.typing$, State<readonly Person<ProfileOut>[]>>>()
holds<Equal<typeof presence.cursors$, State<readonly MemberCursor<ProfileOut, Point>[]>>>()

const exit: () => void = presence.enter({ name: 'Ada', seen: '2026-01-01' })
presence.update({ name: 'Ada', seen: '2026-01-02' })
presence.moveCursor({ x: 1, y: 2 })
presence.moveCursor(null)
void exit

// @ts-expect-error Property 'seen' is missing
presence.enter({ name: 'Ada' })
// @ts-expect-error Type 'number' is not assignable to type 'string'
presence.update({ name: 7, seen: '' })
// @ts-expect-error Type 'string' is not assignable to type 'number'
presence.moveCursor({ x: '1', y: 2 })

// Without cursors: who is here, and no more.

const list = defineChannel('list', { events: {}, presence: type<{ name: string }>() })
declare const listHandle: ChannelHandle<typeof list>
const people = channelPresence(listHandle)
people.enter({ name: 'Ada' })
holds<Equal<typeof people.cursors$, State<readonly MemberCursor<{ name: string }, never>[]>>>()
// @ts-expect-error is not assignable to parameter of type 'null'
people.moveCursor({ x: 1 })

// Without presence: there is none to be had.

const log = defineChannel('log', { events: {} })
declare const logHandle: ChannelHandle<typeof log>
// @ts-expect-error Types of property 'presence' are incompatible
channelPresence(logHandle)

// Of a contract that is not known yet: whoever has it says what it shares.

export const presenceOf = <C extends AnyContract>(handle: ChannelHandle<C>) => channelPresence(handle)
holds<Equal<ReturnType<typeof presenceOf<typeof board>>, typeof presence>>()

// @ts-expect-error a schema is asked for
defineChannel('log', { events: {}, presence: 'person' })
