import type { ParkedWrite, SynclineError } from '@syncline/core'
import { useOutbox } from '@syncline/react'
import { type FormEvent, useState } from 'react'
import { describeReason, describeWrite, titleIn } from '../client/describe-write.ts'
import type { Todo } from '../contract.ts'

interface ParkedWritesProps {
  readonly todos: readonly Todo[]
  /** Hears of what the browser could not keep. */
  readonly onLost: (error: SynclineError) => void
}

/** Changes that the hub did not take, each with its reason and what one can do: change it, try again, let it go. */
export function ParkedWrites({ todos, onLost }: ParkedWritesProps) {
  const { parked } = useOutbox()
  if (parked.length === 0) return null
  return (
    <section className="parked" id="parked" aria-labelledby="parked-title">
      <h2 id="parked-title">{parked.length === 1 ? '1 change' : `${parked.length} changes`} not saved</h2>
      <ul>
        {parked.map((write) => (
          <Parked key={write.id} write={write} todos={todos} onLost={onLost} />
        ))}
      </ul>
    </section>
  )
}

function Parked({ write, todos, onLost }: ParkedWritesProps & { readonly write: ParkedWrite }) {
  const { retry, discard } = useOutbox()
  const original = titleIn(write)
  const [title, setTitle] = useState(original ?? '')
  const what = describeWrite(write, todos)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const edited = original !== undefined && title.trim() !== original
    const input = { ...(write.input as Todo), title: title.trim() }
    retry(write.id, edited ? { input } : undefined).catch(onLost)
  }
  return (
    <li>
      <p className="what">{what}</p>
      <p className="reason">{describeReason(write)}</p>
      <form onSubmit={submit}>
        {original !== undefined && (
          <input
            aria-label={`Other title for: ${what}`}
            value={title}
            required
            maxLength={200}
            autoComplete="off"
            onChange={(event) => setTitle(event.target.value)}
          />
        )}
        <button type="submit">Retry</button>
        <button type="button" onClick={() => discard(write.id).catch(onLost)}>
          Discard
        </button>
      </form>
    </li>
  )
}
