import { type ErrorCode, SynclineError } from '@syncline/core'
import type {
  PlainLink,
  PlainMember,
  PlainPresenceChange,
  PlainPresenceListener,
  PlainTransportEvent,
} from '@syncline/core/plain'
import type { Members, PresenceChannel } from 'pusher-js'
import type { PusherSdk } from '../sdk/pusher-settings.ts'

/** A member as pusher-js has it. */
interface Told {
  readonly id: string
  readonly info: unknown
}

/** What `pusher:subscription_error` carries, where it comes from pusher-js itself. */
interface Refusal {
  readonly error?: unknown
  readonly status?: unknown
}

const BAD_REQUEST = 400

/** What a refusal means, by its HTTP status; none where nobody answered. */
const CODES: ReadonlyMap<unknown, ErrorCode> = new Map([
  [BAD_REQUEST, 'invalid-channel'],
  [401, 'forbidden'],
  [403, 'forbidden'],
])

const textOf = (cause: unknown): string => {
  if (cause instanceof Error) return cause.message
  return typeof cause === 'string' ? cause : (JSON.stringify(cause) ?? 'it did not say why')
}

/** The channels of one attempt. */
export const createLink = (sdk: PusherSdk, next: (event: PlainTransportEvent) => void): PlainLink => {
  const watching = new Map<string, PlainPresenceListener>()

  const fail = (channel: string, cause: unknown, status: unknown) => {
    const code = CODES.get(status) ?? 'transport-failed'
    // Either may be it: the app's server that is asked to sign, or Pusher that does not take what it signed.
    const who = code === 'forbidden' ? 'channelAuthorization or Pusher' : 'Pusher'
    const detail = `${who} refused ${channel}: ${textOf(cause)}.`
    next({ type: 'error', error: new SynclineError(code, { detail, channel, cause }) })
  }

  const tell = (name: string, change?: PlainPresenceChange) => {
    const channel = sdk.channel(name) as Partial<PresenceChannel> | undefined
    if (channel?.subscribed && channel.members) watching.get(name)?.(membersOf(channel.members), change)
  }

  const onEvent = (channel: string, event: string, data: unknown) => {
    if (event === 'pusher:subscription_error') {
      // Or pusher-js would take the channel for pending, and never ask again.
      sdk.channel(channel).subscriptionPending = false
      const { error, status } = (data ?? {}) as Refusal
      return fail(channel, error, status)
    }
    next({ type: 'event', event: { channel, event, data } })
    if (event === 'pusher:subscription_succeeded') tell(channel)
    else if (event === 'pusher:member_added') tell(channel, change('enter', data))
    else if (event === 'pusher:member_removed') tell(channel, change('leave', data))
  }

  return {
    join: (name) => {
      try {
        const channel = sdk.subscribe(name)
        channel.unbind_all()
        channel.bind_global((event: string, data: unknown) => onEvent(name, event, data))
      } catch (thrown) {
        fail(name, thrown, BAD_REQUEST)
      }
    },
    leave: (name) => {
      sdk.channel(name)?.unbind_all()
      sdk.unsubscribe(name)
    },
    send: async ({ channel = '', event, data }) => {
      if (!/^(private|presence)-/.test(channel) || channel.startsWith('private-encrypted-'))
        throw new SynclineError('publish-forbidden', {
          detail: 'Clients send on private and presence channels',
        })
      if (!event.startsWith('client-'))
        throw new SynclineError('publish-forbidden', { detail: 'Events of clients begin with "client-"' })
      const joined = sdk.channel(channel)
      if (!joined?.subscribed || !joined.trigger(event, data))
        throw new SynclineError('not-connected', { detail: 'The channel is not subscribed', channel })
    },
    watch: (channel, listener) => {
      watching.set(channel, listener)
      tell(channel)
      return () => void watching.delete(channel)
    },
  }
}

/** None where it is not pusher-js that tells of it, but an event of the same name. */
const change = (type: 'enter' | 'leave', told: unknown): PlainPresenceChange | undefined => {
  const { id, info } = (told ?? {}) as { readonly id?: unknown; readonly info?: unknown }
  // Who signs with a number is in the list under its digits.
  if (typeof id !== 'string' && typeof id !== 'number') return undefined
  return { type, member: { id: `${id}`, data: info, me: false } }
}

const membersOf = (members: Members): readonly PlainMember[] => {
  const list: PlainMember[] = []
  members.each(({ id, info }: Told) => list.push({ id, data: info, me: id === members.myID }))
  return list
}
