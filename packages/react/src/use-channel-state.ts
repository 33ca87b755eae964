'use client'
import type { AnyContract, ChannelHandle, ChannelState } from '@syncline/core'
import { useSelected } from './use-selected.ts'

const idle: ChannelState = {
  phase: 'idle',
  position: undefined,
  head: undefined,
  pending: 0,
  error: undefined,
}
const itself = <T>(state: T): T => state

/**
 * Where a channel stands; `idle` on the server and during hydration. The position moves with every message, so
 * name what is shown:
 *
 * @example
 * const phase = useChannelState(channel, (state) => state.phase)
 */
export function useChannelState<C extends AnyContract>(channel: ChannelHandle<C>): ChannelState
export function useChannelState<C extends AnyContract, Selected>(
  channel: ChannelHandle<C>,
  selector: (state: ChannelState) => Selected,
  isEqual?: (a: Selected, b: Selected) => boolean,
): Selected
export function useChannelState(
  channel: ChannelHandle<AnyContract>,
  selector: (state: ChannelState) => unknown = itself,
  isEqual?: (a: unknown, b: unknown) => boolean,
): unknown {
  return useSelected(channel.state$, idle, selector, isEqual)
}
