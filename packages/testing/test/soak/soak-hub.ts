import { createDefaultEnvironment } from '@syncline/core'
import { memoryStore } from '@syncline/server'
import { type Line, room } from '../four-providers/room.ts'
import { type ManagedProviders, startRoomHub } from '../four-providers/room-hub.ts'
import { countTimers, createGraveyard } from './live-counts.ts'

/** Channels that are used in turn: each has a log in the store for good. */
export const names = 12
/** Write streams that the hub keeps in memory. */
const streams = 12
/** Timers of a hub that has nothing to do: it asks whose the store is, and trims it. */
const ownTimers = 2

/** A hub of which everything can be counted; nothing of a channel stays in its memory that nobody is on. */
export const startSoakHub = async (managed: ManagedProviders) => {
  const timed = countTimers({
    now: Date.now,
    random: Math.random,
    id: () => crypto.randomUUID(),
    setTimer: createDefaultEnvironment().setTimer,
  })
  const graveyard = createGraveyard()
  const store = memoryStore()
  const lines = new Map<string, readonly Line[]>()
  const { hub, port, kill } = await startRoomHub({
    store,
    managed,
    port: 0,
    heartbeat: 2_000,
    environment: timed.environment,
    limits: { idleChannels: 1, streams },
    presence: { grace: 100 },
    // Whatever the hub has of a session has its identity: the session, its uplink, its place on the lists, its rates.
    authenticate: (id) => {
      const identity = { id }
      graveyard.bury('session at the hub', identity)
      return identity
    },
    serve: (served) =>
      served.serve(room, {
        snapshot: ({ params }) => lines.get(params.id) ?? [],
        mutations: {
          'line:say': ({ input, params, publish }) => {
            lines.set(params.id, [...(lines.get(params.id) ?? []), input].slice(-5))
            publish('line:said', input)
          },
        },
      }),
  })
  return {
    port,
    kill,
    graveyard,
    /** All of them, those of its own included. */
    timers: timed.timers,
    /** Forgets in the store what no client that is gone will ask for. */
    trim: () => store.trim(() => ({ count: 5, age: 0 }), -1),
    /** What is zero while no client is there. */
    counts: (): Record<string, number> => {
      const { connections, presence, streams: inMemory, channels } = hub.health()
      return {
        'hub connections': connections,
        'hub members': presence,
        'hub streams in memory beyond the limit': Math.max(0, inMemory - streams),
        'hub channels beyond the limit': Math.max(0, channels - 1),
        'hub timers': Math.max(0, timed.timers() - ownTimers),
      }
    },
  }
}
