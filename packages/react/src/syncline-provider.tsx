'use client'
import type { Client } from '@syncline/core'
import type { ReactElement, ReactNode } from 'react'
import { SynclineContext } from './syncline-context.ts'

/** What {@link SynclineProvider} takes. */
export interface SynclineProviderProps {
  /** Made once, outside of components. The provider neither opens nor closes it. */
  readonly client: Client
  readonly children?: ReactNode
}

/**
 * Gives a client to every Syncline hook below.
 *
 * @example
 * <SynclineProvider client={client}><App /></SynclineProvider>
 */
export const SynclineProvider = ({ client, children }: SynclineProviderProps): ReactElement => (
  <SynclineContext.Provider value={client}>{children}</SynclineContext.Provider>
)
