import type { ChannelHandle } from '@syncline/core'
import { channelPresence, createCursorMotion } from '@syncline/core/presence'
import { useSyncState } from '@syncline/react'
import { useEffect, useMemo } from 'react'
import type { PersonColour } from '../colours.ts'
import type { board } from '../contract.ts'

type Channel = ChannelHandle<typeof board>
const none: readonly never[] = []

export const usePresence = (
  channel: Channel,
  state: { name: string; colour: PersonColour; provider: string },
) => {
  const presence = channelPresence(channel)
  useEffect(() => presence.enter(state), [presence, state])
  return { people: useSyncState(presence.people$, none) }
}

export const useTyping = (channel: Channel) => {
  const presence = channelPresence(channel)
  return {
    people: useSyncState(presence.typing$, none),
    typing: presence.typing,
    stop: presence.stopTyping,
  }
}

export const useCursors = (channel: Channel) => {
  const presence = channelPresence(channel)
  const moving$ = useMemo(
    () =>
      createCursorMotion(presence.cursors$, (draw) => {
        const handle = requestAnimationFrame(draw)
        return () => cancelAnimationFrame(handle)
      }),
    [presence],
  )
  return { cursors: useSyncState(moving$, none), move: presence.moveCursor }
}
