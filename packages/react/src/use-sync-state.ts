'use client'
import type { State } from '@syncline/core'
import { useCallback, useSyncExternalStore } from 'react'

/**
 * The current value of any `State`: the base of the other hooks.
 *
 * @param state What to follow; it may change, and be undefined for a while.
 * @param initial What stands on the server, during hydration and while there is no state.
 *
 * @example
 * const loaded = useSyncState(client.outbox.loaded$, false)
 */
export const useSyncState = <T, Initial>(state: State<T> | undefined, initial: Initial): T | Initial =>
  useSyncExternalStore<T | Initial>(
    useCallback(
      (changed: () => void) => {
        const subscription = state?.subscribe(changed)
        return () => subscription?.unsubscribe()
      },
      [state],
    ),
    () => (state ? state.get() : initial),
    () => initial,
  )
