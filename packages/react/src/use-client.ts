'use client'
import type { Client } from '@syncline/core'
import { useContext } from 'react'
import { SynclineContext } from './syncline-context.ts'

/** The client of the nearest provider. Throws where there is none: wrap the app in `<SynclineProvider client={…}>`. */
export const useClient = (): Client => {
  const client = useContext(SynclineContext)
  if (!client) throw new Error('No Syncline client here. Wrap the app in <SynclineProvider client={…}>.')
  return client
}
