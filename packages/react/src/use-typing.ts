'use client'
import type { ChannelHandle, PresenceState } from '@syncline/core'
import { type ContractWithPresence, channelPresence, type Person } from '@syncline/core/presence'
import { useSyncState } from './use-sync-state.ts'

/** What {@link useTyping} gives. */
export interface Typing<S> {
  /** Who else is typing. */
  readonly people: readonly Person<S>[]
  /** Says that one is typing; ends by itself 3 s after the last call. Does nothing where one has not entered. */
  typing(): void
  stop(): void
}

const none: readonly never[] = []

/**
 * Who else is typing on a channel, and the way to say that one is. The functions are the same in each render.
 *
 * @example
 * const { people, typing, stop } = useTyping(channel)
 * return <input onInput={typing} onBlur={stop} />
 */
export const useTyping = <C extends ContractWithPresence>(
  channel: ChannelHandle<C>,
): Typing<PresenceState<C>> => {
  const { typing$, typing, stopTyping: stop } = channelPresence(channel)
  return { people: useSyncState(typing$, none), typing, stop }
}
