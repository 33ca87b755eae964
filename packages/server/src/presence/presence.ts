import type { Revision } from '@syncline/core/protocol'
import type { HubEnvironment } from '../environment/hub-environment.ts'
import type { Pace } from '../fan-out/pace.ts'
import type { Gateway } from '../gateway/gateway.ts'
import type { Limits } from '../limits.ts'
import type { Logger } from '../logger.ts'
import { Leases } from './leases.ts'
import type { Member } from './member.ts'
import { Room } from './room.ts'

/** Who is on which channel, for a whole hub. */
export interface Presence {
  /** Channels on which somebody is, or which somebody watches. */
  readonly rooms: number
  /** The number of a session that begins: of two of one client the greater is the newer. */
  arrival(): number
  /** The channel's room, made when it is not there. */
  room(channel: string): Room
  find(channel: string): Room | undefined
  /** For the heads of a session of the gateway; undefined where nobody watches. */
  revision(channel: string, gateway: Gateway): Revision | undefined
  /** Ends what the subject has, on one channel or all, also where its connection is gone already. */
  revoke(subject: string, channel: string | undefined): void
  /** Nothing is sent any more and no lease ends: whoever is here comes back to the next hub. */
  stop(): void
}

export const createPresence = (options: {
  readonly environment: HubEnvironment
  readonly limits: Limits
  readonly logger: Logger
  readonly endOfTurn: (callback: () => void) => void
  readonly grace: number
  readonly interval: number
  readonly paces: ReadonlyMap<Gateway, Pace>
  readonly isAnonymous: boolean
}): Presence => {
  const { environment, grace } = options
  const rooms = new Map<string, Room>()
  const leases = new Leases(environment, grace)
  /** Where a new room goes on counting: one that was forgotten and comes back never counts backwards. */
  let count = 0
  let arrivals = 0
  let stopped = false

  const context = {
    ...options,
    leases,
    era: environment.id(),
    empty: (room: Room) => {
      count = Math.max(count, room.count)
      rooms.delete(room.channel)
    },
  }

  const revokeIn = (room: Room, subject: string): void => {
    const mine: Member[] = []
    for (const member of room.members) if (member.subject === subject) mine.push(member)
    for (const member of mine) room.remove(member)
  }

  return {
    get rooms() {
      return rooms.size
    },
    arrival: () => ++arrivals,
    find: (channel) => rooms.get(channel),
    room: (channel) => {
      const found = rooms.get(channel)
      if (found) return found
      const room = new Room(context, channel, count)
      if (stopped) room.close()
      rooms.set(channel, room)
      return room
    },
    revision: (channel, gateway) => rooms.get(channel)?.revision(gateway),
    revoke: (subject, channel) => {
      if (channel === undefined) for (const room of [...rooms.values()]) revokeIn(room, subject)
      else {
        const room = rooms.get(channel)
        if (room) revokeIn(room, subject)
      }
    },
    stop: () => {
      stopped = true
      leases.stop()
      for (const room of rooms.values()) room.close()
    },
  }
}
