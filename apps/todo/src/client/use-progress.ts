import { useConnection, useOutbox } from '@syncline/react'

/** What the changes of a todo wait for: the hub's answer, the connection, or a decision about one before them. */
export type Progress = 'saving' | 'waiting' | 'held'

/** Tells of a todo how its changes stand; undefined if it has none that are not saved. */
export const useProgress = (): ((id: string) => Progress | undefined) => {
  const connected = useConnection().at === 'connected'
  const { pending, parked } = useOutbox()
  const changed = new Set(pending.map(({ key }) => key))
  const held = new Set(parked.map(({ key }) => key))
  return (id) => {
    if (!changed.has(id)) return undefined
    if (held.has(id)) return 'held'
    return connected ? 'saving' : 'waiting'
  }
}
