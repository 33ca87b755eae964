'use client'
import type { ConnectionStatus, SynclineError } from '@syncline/core'
import type { ReactElement, ReactNode } from 'react'
import { useClient } from './use-client.ts'
import { useConnection } from './use-connection.ts'

/** What a fallback learns. */
export interface ConnectionFallback {
  /** Whether signing in helps (`needs-auth`), or something else has to be mended (`failed`). */
  readonly status: Extract<ConnectionStatus, { at: 'failed' | 'needs-auth' }>
  readonly error: SynclineError
  /** Tries again, for instance once the person signed in. */
  readonly retry: () => void
}

/** What {@link ConnectionBoundary} takes. */
export interface ConnectionBoundaryProps {
  readonly fallback: ReactNode | ((connection: ConnectionFallback) => ReactNode)
  readonly children?: ReactNode
}

/**
 * Shows `fallback` in place of its children when the connection needs a person: in `failed` and `needs-auth`, and at
 * no other time. The children stay mounted and are only hidden, so that what is being typed is there again
 * afterwards. They stand in a `div` with `display: contents`, which takes no part in the layout.
 *
 * @example
 * <ConnectionBoundary fallback={({ error, retry }) => <p>{error.remedy} <button onClick={retry}>Retry</button></p>}>
 */
export const ConnectionBoundary = ({ fallback, children }: ConnectionBoundaryProps): ReactElement => {
  const client = useClient()
  const status = useConnection()
  const broken = status.at === 'failed' || status.at === 'needs-auth'
  const shown =
    broken && typeof fallback === 'function'
      ? fallback({ status, error: status.error, retry: () => client.retryNow() })
      : broken && (fallback as ReactNode)
  return (
    <>
      {shown}
      <div style={{ display: broken ? 'none' : 'contents' }}>{children}</div>
    </>
  )
}
