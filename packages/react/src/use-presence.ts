'use client'
import type { ChannelHandle, PresenceInput, PresenceState } from '@syncline/core'
import {
  type ContractWithPresence,
  channelPresence,
  type Member,
  type Person,
  type PresenceListStatus,
  type SelfPresence,
} from '@syncline/core/presence'
import { useEffect, useMemo } from 'react'
import { useLatest } from './use-latest.ts'
import { useSyncState } from './use-sync-state.ts'

/** What {@link usePresence} shows. */
export interface PresenceView<S> {
  /** Every connection, oldest first. */
  readonly members: readonly Member<S>[]
  /** The members, collapsed by person. */
  readonly people: readonly Person<S>[]
  /** Where one's own presence stands. */
  readonly self: SelfPresence
  /** How much the lists can be relied on. */
  readonly status: PresenceListStatus
}

const none: readonly never[] = []
const outside: SelfPresence = { at: 'outside', id: undefined, error: undefined }

/**
 * Who is on a channel. With a `state` the component enters while it is mounted, and another `state` is an update;
 * it may be written inline. Without one it only observes.
 *
 * Mounting twice in StrictMode, or moving from one component to another in one commit, is not seen by others.
 *
 * @example
 * const { people } = usePresence(channel, { name })
 * return people.map(({ person, state, status }) => <Avatar key={person} {...state} dimmed={status !== 'active'} />)
 */
export const usePresence = <C extends ContractWithPresence>(
  channel: ChannelHandle<C>,
  state?: PresenceInput<C>,
): PresenceView<PresenceState<C>> => {
  const presence = channelPresence(channel)
  const latest = useLatest(state)
  const enters = state !== undefined
  useEffect(
    () => (enters ? presence.enter(latest.current as PresenceInput<C>) : undefined),
    [presence, enters, latest],
  )
  useEffect(() => {
    if (state !== undefined) presence.update(state)
  }, [presence, state])
  const members = useSyncState(presence.members$, none)
  const people = useSyncState(presence.people$, none)
  const self = useSyncState(presence.self$, outside)
  const status = useSyncState(presence.status$, 'idle')
  return useMemo(() => ({ members, people, self, status }), [members, people, self, status])
}
