import { SynclineError } from '@syncline/core'
import type { PlainLink, PlainMember, PlainPresenceListener } from '@syncline/core/plain'
import type { PresenceMessage, RealtimeChannel, RealtimeClient } from 'ably'
import { ablyError } from '../ably-error.ts'
import type { Subscriptions } from '../subscriptions.ts'

/** What a live link to Ably offers: channels, publishing with an acknowledgement, presence. */
export const createPlainLink = (realtime: RealtimeClient, subscriptions: Subscriptions): PlainLink => {
  const { held } = subscriptions

  /** Has Ably do something now or not at all. */
  const ask = async (name: string, what: string, work: (channel: RealtimeChannel) => Promise<unknown>) => {
    if (realtime.connection.state !== 'connected') throw new SynclineError('not-connected', { channel: name })
    const channel = held.get(name) ?? realtime.channels.get(name)
    try {
      await work(channel)
    } catch (cause) {
      throw ablyError(`Ably took no ${what}`, cause, undefined, name)
    } finally {
      // The SDK would remember what was only sent to.
      if (!held.has(name)) realtime.channels.release(name)
    }
  }

  return {
    join: (name) => void subscriptions.hold(name, name),
    leave: subscriptions.leave,
    send: async ({ channel, event, data }) => {
      if (channel === undefined)
        throw new SynclineError('invalid-channel', { detail: 'At Ably it has a name.' })
      await ask(channel, 'message', (at) => at.publish({ name: event, ...payloadOf(data) }))
    },
    watch: (name, listener) => {
      const channel = held.get(name)
      return channel ? watch(channel, () => realtime.connection.id, listener) : () => {}
    },
    enter: (name, data) => ask(name, 'presence', ({ presence }) => presence.enter(data)),
    update: (name, data) => ask(name, 'presence', ({ presence }) => presence.update(data)),
    exit: (name) => ask(name, 'presence', ({ presence }) => presence.leave()),
  }
}

/** The SDK refuses numbers and booleans; as JSON they arrive as they are. */
const payloadOf = (data: unknown) =>
  typeof data === 'number' || typeof data === 'boolean'
    ? { data: JSON.stringify(data), encoding: 'json' }
    : { data }

/** Follows who is there, from when Ably has told everybody. */
const watch = (
  { presence }: RealtimeChannel,
  ownConnection: () => string | undefined,
  listener: PlainPresenceListener,
): (() => void) => {
  const members = new Map<string, PlainMember>()
  let known = false
  const note = (message: PresenceMessage) => {
    const { clientId: id, connectionId: connection, data, action } = message
    const member = { id, connection, data, me: connection === ownConnection() }
    const key = JSON.stringify([connection, id])
    const isThere = members.has(key)
    const leaves = action === 'leave' || action === 'absent'
    if (leaves) members.delete(key)
    else members.set(key, member)
    if (!known) return
    // The SDK enters again after a reconnection, which is no news to who knew.
    const type = leaves ? 'leave' : action === 'enter' && isThere ? 'update' : action
    listener([...members.values()], type === 'present' ? undefined : { type, member })
  }
  // What fails here is told by the channel's state.
  const ignore = () => {}
  presence.subscribe(note).catch(ignore)
  presence.get().then((present) => {
    for (const message of present) note(message)
    known = true
    listener([...members.values()])
  }, ignore)
  return () => {
    known = false
    presence.unsubscribe(note)
  }
}
