import type { ChannelHandle, Receipt, SynclineError } from '@syncline/core'
import { useMutate } from '@syncline/react'
import { useMemo } from 'react'
import type { board, Stroke } from '../contract.ts'
import { newId } from './new-id.ts'

/**
 * What one can do with a board. What belongs to one stroke has its id as the key: it goes in order, and if it is
 * refused it holds back nothing else.
 *
 * @param onLost hears of a change that the browser could not even keep (its storage is full, say)
 */
export const useActions = (channel: ChannelHandle<typeof board>, onLost: (error: SynclineError) => void) => {
  const add = useMutate(channel, 'stroke:add')
  const remove = useMutate(channel, 'stroke:remove')
  const clear = useMutate(channel, 'board:clear')
  const send = useMutate(channel, 'chat:send')
  return useMemo(() => {
    const keep = (write: Receipt) => void write.saved.catch(onLost)
    return {
      draw: (stroke: Omit<Stroke, 'by'>) => keep(add(stroke, { key: stroke.id })),
      erase: (id: string) => keep(remove({ id }, { key: id })),
      clear: () => keep(clear({})),
      say: (text: string) => {
        const id = newId()
        keep(send({ id, text }, { key: id }))
      },
    }
  }, [add, remove, clear, send, onLost])
}

export type Actions = ReturnType<typeof useActions>
