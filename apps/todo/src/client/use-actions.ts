import type { Receipt, SynclineError } from '@syncline/core'
import { useChannel, useMutate } from '@syncline/react'
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
  const keep = (write: Receipt) => void write.saved.catch(onLost)
  return {
    add: (title: string) => {
      const id = crypto.randomUUID()
      keep(create({ id, title }, { key: id }))
    },
    rename: (id: string, title: string) => keep(rename({ id, title }, { key: id })),
    check: (id: string, done: boolean) => keep(check({ id, done }, { key: id })),
    remove: (id: string) => keep(remove({ id }, { key: id })),
  }
}

export type Actions = ReturnType<typeof useActions>
