import type { ParkedWrite, SynclineError } from '@syncline/core'
import { useOutbox } from '@syncline/react'
import { describeReason, describeWrite } from '../client/describe-write.ts'

interface ParkedWritesProps {
  /** Hears of what the browser could not keep. */
  readonly onLost: (error: SynclineError) => void
}

/** Changes that the hub did not take, until somebody says what is to become of each. */
export function ParkedWrites({ onLost }: ParkedWritesProps) {
  const { parked, retry, discard } = useOutbox()
  if (parked.length === 0) return null
  const decide = (decision: Promise<unknown>) => void decision.catch(onLost)
  const discardAll = async (writes: readonly ParkedWrite[]) => {
    for (const { id } of writes) await discard(id)
  }
  return (
    <section className="parked" id="parked" aria-labelledby="parked-title">
      <header>
        <h2 id="parked-title">{parked.length === 1 ? '1 change' : `${parked.length} changes`} not saved</h2>
        {parked.length > 1 && (
          <button type="button" onClick={() => decide(discardAll(parked))}>
            Discard all
          </button>
        )}
      </header>
      <ul>
        {parked.map((write) => (
          <li key={write.id}>
            <p>
              <strong>{describeWrite(write)}</strong> {describeReason(write)}
            </p>
            <button type="button" onClick={() => decide(retry(write.id))}>
              Retry
            </button>
            <button type="button" onClick={() => decide(discard(write.id))}>
              Discard
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
