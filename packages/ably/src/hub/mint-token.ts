import { SynclineError } from '@syncline/core'
import type { UplinkSession } from '@syncline/server'
import type { Rest, TokenParams } from 'ably'
import type { TokenAnswer } from '../wire.ts'
import { hubError } from './hub-error.ts'
import { clientIdOf, encodeChannel } from './names.ts'

/** The longest life of a token that can be revoked. */
const HOUR = 3_600_000
/** Channels of one token at most: more than the hub lets one session join by default. */
const MOST_CHANNELS = 1_000

/**
 * A token for one session: to listen, and nothing else, to its own wake channel and to those of
 * `channels` that the hub grants it. It lives no longer than the session's own token.
 */
export const mintToken = async (
  rest: Pick<Rest, 'auth'>,
  session: UplinkSession,
  options: { readonly prefix: string; readonly wake: string; now(): number; readonly channels: unknown },
): Promise<TokenAnswer> => {
  const { prefix, wake, channels, now } = options
  const texts = (Array.isArray(channels) ? channels : []).filter(isText)
  const asked = [...new Set(texts)].slice(0, MOST_CHANNELS)
  const named = await Promise.all(asked.map((channel) => nameIfGranted(session, prefix, channel)))
  const granted = named.filter((entry) => entry !== undefined)
  // Asked last, so that it is what the session's token says now.
  const { subject, expiresAt = Number.POSITIVE_INFINITY } = await session.grant()
  const ttl = Math.min(HOUR, expiresAt - now())
  if (ttl <= 0) throw new SynclineError('token-expired')
  const capability: Record<string, ['subscribe']> = { [wake]: ['subscribe'] }
  for (const [, name] of granted) capability[name] = ['subscribe']
  const params: TokenParams = { clientId: clientIdOf(subject), capability, ttl }
  try {
    // By the hub, whose way to Ably is short and warm, so that the client need not ask there as well.
    return { token: await rest.auth.requestToken(params), granted }
  } catch (cause) {
    throw hubError('Ably gave no token', cause)
  }
}

const isText = (value: unknown): value is string => typeof value === 'string'

/** Undefined where the session may not hear the channel: it is told why when it joins. */
const nameIfGranted = async (
  session: UplinkSession,
  prefix: string,
  channel: string,
): Promise<readonly [channel: string, name: string] | undefined> => {
  try {
    await session.grant(channel)
    return [channel, encodeChannel(prefix, channel)]
  } catch (error) {
    if (error instanceof SynclineError) return undefined
    throw error
  }
}
