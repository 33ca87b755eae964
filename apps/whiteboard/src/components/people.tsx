import type { Person, PresenceListStatus } from '@syncline/core/presence'
import { useConnection } from '@syncline/react'
import { providerName } from '../client/providers.ts'
import type { PersonColour } from '../colours.ts'
import { initialsOf } from '../people.ts'

/** What a window shows of itself. */
export interface Shown {
  readonly name: string
  readonly colour: PersonColour
  readonly provider: string
}

interface PeopleProps {
  readonly people: readonly Person<Shown>[]
  readonly status: PresenceListStatus
}

/** Who is here: each person once, with the providers that their windows are on. */
export function People({ people, status }: PeopleProps) {
  const { at } = useConnection()
  const waits = at === 'idle' || at === 'connecting' || at === 'connected'
  const known = status === 'live' ? people.length : people.length > 0 ? 'as last known' : undefined
  const selfFirst = [...people].sort((a, b) => Number(b.self) - Number(a.self))
  return (
    <section className="people" aria-label="People" data-stale={status === 'stale'}>
      <h2>
        Here <span>{known ?? (waits ? '…' : 'not known while offline')}</span>
      </h2>
      <ul>
        {selfFirst.map((one) => (
          <PersonRow key={one.person} one={one} />
        ))}
      </ul>
    </section>
  )
}

function PersonRow({ one }: { readonly one: Person<Shown> }) {
  const { state, status, self, members } = one
  const over = [...new Set(members.map((member) => providerName(member.state.provider)))].sort().join(' + ')
  const windows = members.length > 1 ? ` · ${members.length} windows` : ''
  return (
    <li
      data-status={status}
      data-colour={state.colour}
      title={`${state.name} over ${over}${windows}: ${status}`}
    >
      <span className="avatar" aria-hidden="true">
        {initialsOf(state.name)}
      </span>
      <span className="who">
        {state.name}
        {self && ' (you)'}
        <span className="visually-hidden">, {status}</span>
      </span>
      <span className="over">{over}</span>
    </li>
  )
}
