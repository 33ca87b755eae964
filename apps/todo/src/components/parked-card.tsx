import type { ParkedWrite, Receipt, SynclineError } from '@syncline/core'
import { useOutbox } from '@syncline/react'
import { type FormEvent, useRef, useState } from 'react'
import { describeReason, describeWrite, titleIn } from '../client/describe-write.ts'
import { focusNeighbour } from '../client/focus-neighbour.ts'
import type { Todo } from '../contract.ts'

interface ParkedCardProps {
  readonly write: ParkedWrite
  readonly todos: readonly Todo[]
  /** Hears of what the browser could not keep. */
  readonly onLost: (error: SynclineError) => void
}

/** A change that was not saved, with its reason, what waits for it, and what one can do. */
export function ParkedCard({ write, todos, onLost }: ParkedCardProps) {
  const { pending, retry, discard } = useOutbox()
  const card = useRef<HTMLLIElement>(null)
  const original = titleIn(write)
  const [title, setTitle] = useState(original ?? '')
  const what = describeWrite(write, todos)
  const held = pending.filter(({ key }) => key === write.key)
  // Without its todo nothing that was done to it has a meaning.
  const unwanted = write.name === 'todo:create' ? [...held.toReversed(), write] : [write]

  const decide = (decision: Promise<unknown>) => {
    decision.catch(onLost)
    focusNeighbour(card.current, 'input, button')
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const edited = original !== undefined && title.trim() !== original
    const input = { ...(write.input as Todo), title: title.trim() }
    decide(retry(write.id, edited ? { input } : undefined))
  }
  const discardAll = async (writes: readonly Receipt[]) => {
    for (const { id } of writes) await discard(id)
  }
  return (
    <li ref={card}>
      <p className="what">{what}</p>
      <p className="reason">{describeReason(write)}</p>
      {held.length > 0 && (
        <p className="held">
          Holds back {held.length} more {held.length === 1 ? 'change' : 'changes'} to it.
        </p>
      )}
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
        <button type="button" onClick={() => decide(discardAll(unwanted))}>
          {unwanted.length === 1 ? 'Discard' : `Discard all ${unwanted.length}`}
        </button>
      </form>
    </li>
  )
}
