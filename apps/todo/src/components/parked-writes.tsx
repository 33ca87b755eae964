import type { SynclineError } from '@syncline/core'
import { useOutbox } from '@syncline/react'
import type { Todo } from '../contract.ts'
import { ParkedCard } from './parked-card.tsx'

interface ParkedWritesProps {
  readonly todos: readonly Todo[]
  /** Hears of what the browser could not keep. */
  readonly onLost: (error: SynclineError) => void
}

/** Changes that the hub did not take, until somebody says what is to become of each. */
export function ParkedWrites({ todos, onLost }: ParkedWritesProps) {
  const { parked } = useOutbox()
  if (parked.length === 0) return null
  return (
    <section className="parked" id="parked" aria-labelledby="parked-title">
      <details open>
        <summary>
          <h2 id="parked-title">{parked.length === 1 ? '1 change' : `${parked.length} changes`} not saved</h2>
        </summary>
        <ul>
          {parked.map((write) => (
            <ParkedCard key={write.id} write={write} todos={todos} onLost={onLost} />
          ))}
        </ul>
      </details>
    </section>
  )
}
