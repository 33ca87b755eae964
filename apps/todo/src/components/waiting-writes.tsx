import { useConnection, useOutbox } from '@syncline/react'
import { describeWrite } from '../client/describe-write.ts'

/** Stands where the list will be, as long as this browser has never had it: what one does shows all the same. */
export function WaitingWrites() {
  const { at } = useConnection()
  const { pending } = useOutbox()
  const coming = at === 'idle' || at === 'connecting' || at === 'connected'
  return (
    <>
      {pending.length > 0 && (
        <ul className="todos" aria-label="Waiting changes">
          {pending.map((write) => (
            <li key={write.id} className="todo">
              {describeWrite(write, [])}
            </li>
          ))}
        </ul>
      )}
      {!coming && <p className="empty">The list comes once you are online; your changes wait here.</p>}
    </>
  )
}
