import type { Receipt, SynclineError } from '@syncline/core'
import { useChannel, useMutate, useOutbox } from '@syncline/react'
import { todos } from '../contract.ts'

/**
 * What one can do with the list. Changes of one todo have its id as their key: they go in order, and one that is
 * refused holds back no other todo.
 *
 * @param onLost hears of a change that the browser could not even keep (its storage is full, say)
 */
export const useActions = (onLost: (error: SynclineError) => void) => {
  const channel = useChannel(todos)
  const create = useMutate(channel, 'todo:create')
  const rename = useMutate(channel, 'todo:rename')
  const check = useMutate(channel, 'todo:check')
  const remove = useMutate(channel, 'todo:delete')
  const { parked, discard } = useOutbox()
  const keep = (write: Receipt, replaced?: Receipt) =>
    void write.saved.then(() => replaced && discard(replaced.id)).catch(onLost)
  const refusedRename = (id: string) => parked.find(({ key, name }) => key === id && name === 'todo:rename')
  return {
    add: (title: string) => {
      const id = crypto.randomUUID()
      keep(create({ id, title }, { key: id }))
    },
    /** In the place of one that was refused: that would hold back every later change. */
    rename: (id: string, title: string) => keep(rename({ id, title }, { key: id }), refusedRename(id)),
    check: (id: string, done: boolean) => keep(check({ id, done }, { key: id })),
    remove: (id: string) => keep(remove({ id }, { key: id })),
  }
}

export type Actions = ReturnType<typeof useActions>
