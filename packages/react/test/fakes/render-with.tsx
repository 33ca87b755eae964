import type { Client } from '@syncline/core'
import { render, renderHook } from '@testing-library/react'
import { type ReactNode, StrictMode } from 'react'
import { SynclineProvider } from '../../src/syncline-provider.tsx'

const wrapperFor =
  (client: Client) =>
  ({ children }: { readonly children: ReactNode }) => (
    <StrictMode>
      <SynclineProvider client={client}>{children}</SynclineProvider>
    </StrictMode>
  )

/** Renders as apps do in development: in StrictMode, under a provider. */
export const renderWith = (client: Client, node: ReactNode) => render(node, { wrapper: wrapperFor(client) })

export const renderHookWith = <Result, Props>(
  client: Client,
  hook: (props: Props) => Result,
  initialProps?: Props,
) => renderHook(hook, { wrapper: wrapperFor(client), ...(initialProps !== undefined && { initialProps }) })
