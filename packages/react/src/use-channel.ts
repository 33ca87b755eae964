'use client'
import type { AnyContract, ChannelHandle, ParametersArgument } from '@syncline/core'
import { useEffect } from 'react'
import { useClient } from './use-client.ts'

/**
 * A channel, joined while the component is mounted. The handle is the same for the same name, so that it can be
 * passed on and stand in dependencies; {@link useChannelState} says where the channel stands.
 *
 * Mounting twice in StrictMode, or moving from one component to another, falls within the channel's linger: it
 * neither leaves nor joins again.
 *
 * @example
 * const channel = useChannel(board, { id: 42 })
 */
export const useChannel = <C extends AnyContract>(
  contract: C,
  ...parameters: ParametersArgument<C>
): ChannelHandle<C> => {
  const channel = useClient().channel(contract, ...parameters)
  useEffect(() => {
    const subscription = channel.messages$.subscribe()
    return () => subscription.unsubscribe()
  }, [channel])
  return channel
}
