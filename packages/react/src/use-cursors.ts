'use client'
import type { ChannelHandle, CursorInput, CursorState, PresenceState } from '@syncline/core'
import {
  type ContractWithPresence,
  channelPresence,
  createCursorMotion,
  type MemberCursor,
} from '@syncline/core/presence'
import { useMemo } from 'react'
import { useSyncState } from './use-sync-state.ts'

/** What {@link useCursors} gives. */
export interface Cursors<S, In, Out> {
  /** Where the cursors of others are to be drawn now. */
  readonly cursors: readonly MemberCursor<S, Out>[]
  /** Shares where one's own is; null takes it away. Does nothing where one has not entered. */
  move(cursor: In | null): void
}

const none: readonly never[] = []

const onAnimationFrame = (draw: (now: number) => void): (() => void) => {
  const handle = requestAnimationFrame(draw)
  return () => cancelAnimationFrame(handle)
}

/**
 * The cursors of others, moving evenly from frame to frame, and the way to share one's own. It renders at each
 * animation frame while a cursor moves: use it in the small component that draws them.
 *
 * @example
 * const { cursors, move } = useCursors(channel)
 * return (
 *   <div onPointerMove={({ clientX: x, clientY: y }) => move({ x, y })} onPointerLeave={() => move(null)}>
 *     {cursors.map(({ member, cursor }) => <Pointer key={member.id} {...cursor} name={member.state.name} />)}
 *   </div>
 * )
 */
export const useCursors = <C extends ContractWithPresence>(
  channel: ChannelHandle<C>,
): Cursors<PresenceState<C>, CursorInput<C>, CursorState<C>> => {
  const { cursors$, moveCursor: move } = channelPresence(channel)
  const moving$ = useMemo(() => createCursorMotion(cursors$, onAnimationFrame), [cursors$])
  return { cursors: useSyncState(moving$, none), move }
}
