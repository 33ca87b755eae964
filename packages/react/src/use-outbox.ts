'use client'
import type { OutboxView, ParkedWrite, Receipt } from '@syncline/core'
import { useMemo } from 'react'
import { useClient } from './use-client.ts'
import { useSyncState } from './use-sync-state.ts'

/** The writes of this client, and what can be done with those that wait or are parked. */
export interface OutboxState extends Pick<OutboxView, 'retry' | 'discard' | 'export'> {
  /** True once what an earlier page left was read. */
  readonly loaded: boolean
  /** Writes not yet accepted, oldest first. */
  readonly pending: readonly Receipt[]
  /** Writes that wait for a decision, each with its reason and error. */
  readonly parked: readonly ParkedWrite[]
}

const none: readonly never[] = []

/**
 * What is not saved yet, and what needs a person. Empty on the server and during hydration.
 *
 * @example
 * const { pending, parked, retry, discard } = useOutbox()
 * return <p>{pending.length} changes waiting, {parked.length} parked</p>
 */
export const useOutbox = (): OutboxState => {
  const { outbox } = useClient()
  const loaded = useSyncState(outbox.loaded$, false)
  const pending = useSyncState(outbox.pending$, none)
  const parked = useSyncState(outbox.parked$, none)
  const actions = useMemo(
    (): Pick<OutboxView, 'retry' | 'discard' | 'export'> => ({
      retry: (id, edited) => outbox.retry(id, edited),
      discard: (id) => outbox.discard(id),
      export: () => outbox.export(),
    }),
    [outbox],
  )
  return { loaded, pending, parked, ...actions }
}
