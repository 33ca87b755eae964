import { type FormEvent, useId, useRef } from 'react'
import { colourOf } from '../colours.ts'
import { toPerson } from '../people.ts'

interface NameFieldProps {
  readonly person: string | undefined
  readonly onChange: (person: string) => void
}

/** One's name. Another one counts when it was typed to its end: with Enter, or on leaving the field. */
export function NameField({ person, onChange }: NameFieldProps) {
  const id = useId()
  const field = useRef<HTMLInputElement>(null)
  const change = (event?: FormEvent) => {
    event?.preventDefault()
    const next = toPerson(field.current?.value)
    if (next !== undefined && next !== person) onChange(next)
    else if (field.current) field.current.value = person ?? ''
  }
  return (
    <form className="name" onSubmit={change} data-colour={person && colourOf(person)}>
      <label htmlFor={id}>Name</label>
      <input
        key={person}
        id={id}
        ref={field}
        defaultValue={person ?? ''}
        disabled={person === undefined}
        maxLength={24}
        autoComplete="off"
        spellCheck={false}
        onBlur={() => change()}
      />
    </form>
  )
}
