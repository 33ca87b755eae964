import { defineChannel } from '@syncline/core'
import type { ClientFrame, SharedPresence } from '@syncline/core/protocol'
import { z } from 'zod'
import type { Identity } from '../../channel/identity.ts'
import type { HubOptions } from '../../hub/hub.ts'
import { createTestHub, type TestHub } from '../../testing/test-hub.ts'
import type { TestGateway, TestPeer } from '../../testing/test-peer.ts'

export const room = defineChannel('room/:id', {
  events: {},
  presence: z.object({ name: z.string() }),
  cursor: z.object({ x: z.number() }),
})
export const plain = defineChannel('plain', { events: {} })

export interface Here extends TestPeer {
  enter(shared?: SharedPresence, channel?: string): void
  update(shared: SharedPresence, channel?: string): void
  exit(channel?: string): void
  watch(channel?: string): void
  unwatch(channel?: string): void
}

export interface PresenceHub extends TestHub<Identity> {
  /** A client on `room/1`, as it is right after its join. The token is the subject. */
  here(subject: string, options?: { readonly client?: string; readonly gateway?: TestGateway }): Promise<Here>
  /** Lets what is due at once be sent. */
  settle(): Promise<void>
}

export const channel = 'room/1'
export const grace = 10_000

/** A hub with presence, in virtual time. */
export const createPresenceHub = (
  options: Partial<HubOptions<unknown, Identity>> & {
    readonly gateway?: TestGateway
  } = {},
): PresenceHub => {
  const made = createTestHub<Identity>({
    authenticate: ({ token }) => ({ id: token ?? 'nobody' }),
    ...options,
  })
  made.hub.serve(room, {})
  made.hub.serve(plain, {})
  const settle = () => made.time.advance(0)

  const here: PresenceHub['here'] = async (subject, given = {}) => {
    const peer = (given.gateway ?? made.gateway).connect({
      token: subject,
      client: given.client ?? `client-of-${subject}`,
      frames: [{ type: 'join', channel }],
    })
    await settle()
    const to =
      (type: 'exit' | 'watch' | 'unwatch') =>
      (name = channel) =>
        peer.send({ type, channel: name })
    // With its getters, not what they give now.
    return Object.defineProperties(
      {
        enter: (shared: SharedPresence = { state: { name: subject } }, name = channel) =>
          peer.send({ type: 'enter', channel: name, ...shared }),
        update: (shared: SharedPresence, name = channel) =>
          peer.send({ type: 'update', channel: name, ...shared }),
        exit: to('exit'),
        watch: to('watch'),
        unwatch: to('unwatch'),
      },
      Object.getOwnPropertyDescriptors(peer),
    ) as unknown as Here
  }
  return { ...made, here, settle }
}

export const join: ClientFrame = { type: 'join', channel }
