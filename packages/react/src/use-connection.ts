'use client'
import type { ConnectionStatus } from '@syncline/core'
import { useClient } from './use-client.ts'
import { useSyncState } from './use-sync-state.ts'

const idle: ConnectionStatus = { at: 'idle' }

/**
 * Where the connection stands; `idle` on the server and during hydration. `useClient().retryNow()` tries at once.
 *
 * @example
 * const status = useConnection()
 * if (status.at === 'reconnecting') return <p>Attempt {status.attempt}</p>
 */
export const useConnection = (): ConnectionStatus => useSyncState(useClient().status$, idle)
