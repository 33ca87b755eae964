import { toSynclineError, toWireError } from '@syncline/core'
import type { UplinkSession } from '@syncline/server'
import type Pusher from 'pusher'
import type { AuthorizeAnswer } from '../wire.ts'
import { encodeChannel } from './encode-channel.ts'

/** Characters of the longest name that a hub knows. */
const LONGEST = 200

/** Signs a channel for one socket where the session may hear it. */
export const signChannel = async (
  pusher: Pusher,
  session: UplinkSession,
  {
    prefix,
    socket,
    channel,
  }: { readonly prefix: string; readonly socket: string; readonly channel: unknown },
): Promise<AuthorizeAnswer['channels'][number]> => {
  // The hub refuses what is no name, as on any other transport.
  if (typeof channel !== 'string' || channel.length > LONGEST) return null
  try {
    await session.grant(channel)
  } catch {
    // The hub says why when the join comes.
    return null
  }
  try {
    const name = encodeChannel(prefix, channel)
    return { name, ...pusher.authorizeChannel(socket, name) }
  } catch (error) {
    return { error: toWireError(toSynclineError(error)) }
  }
}
