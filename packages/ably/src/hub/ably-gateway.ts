import { SynclineError } from '@syncline/core'
import { createUplinkSessions, type Gateway, type GatewayHub } from '@syncline/server'
import type { ErrorInfo, Rest } from 'ably'
import type { Provided } from '../wire.ts'
import { hubError } from './hub-error.ts'
import { mintToken } from './mint-token.ts'
import { clientIdOf, encodeChannel, wakeChannel } from './names.ts'
import { type AblyMessage, toBatches } from './to-messages.ts'

/** The rates of one channel, in messages and in bytes: others take more. */
const channelRates: readonly (number | undefined)[] = [42_913, 42_914]
const isOfChannel = (cause: unknown): boolean => channelRates.includes((cause as Partial<ErrorInfo>).code)

/** Options of {@link ablyGateway}. */
export interface AblyGatewayOptions {
  /** Ably's REST client, made with a key: it publishes, and gives and revokes tokens. */
  readonly rest: Rest
  /** What the names of all hub channels at Ably begin with. Default `syncline:`, a namespace of their own. */
  readonly prefix?: string
}

/**
 * Serves hub clients over Ably: what is for a whole channel is published there; what clients send, and what is for
 * one of them alone, goes over the hub's own handler at `POST ably`. Clients get tokens that let them listen,
 * and nothing else, to what `authorize` grants them.
 *
 * @example
 * const rest = new Ably.Rest({ key: process.env.ABLY_API_KEY })
 * createHub({ gateways: [ablyGateway({ rest })], … })
 */
export const ablyGateway = ({ rest, prefix = 'syncline:' }: AblyGatewayOptions): Gateway => {
  const hubId = rest.auth.clientId || 'syncline'
  let hub: GatewayHub | undefined
  /** Ably does not take the key: logged once, not for each client that tries again. */
  let refused = false

  /** On their way to Ably. */
  const wakes = new Set<Promise<void>>()

  /** What becomes of a token that Ably gave, or of why not. */
  const noted = async <Answer>(asked: Promise<Answer>): Promise<Answer> => {
    try {
      const answer = await asked
      refused = false
      return answer
    } catch (error) {
      if (!(error instanceof SynclineError) || error.code !== 'provider-refused') throw error
      const { code, detail } = error
      if (!refused) hub?.logger.error({ gateway: 'ably', code, error }, "Ably refused the hub's key")
      refused = true
      // The hub's operator can mend it, and then clients shall come back by themselves.
      throw new SynclineError('transport-failed', { detail })
    }
  }
  const publish = async (
    name: string,
    messages: readonly (AblyMessage | Omit<AblyMessage, 'id'>)[],
    hubChannel?: string,
  ) => {
    // Released at once: the SDK would remember every channel for ever.
    const channel = rest.channels.get(name)
    rest.channels.release(name)
    try {
      await channel.publish(messages as AblyMessage[])
    } catch (cause) {
      throw hubError('Ably took no message', cause, isOfChannel(cause) ? hubChannel : undefined)
    }
  }
  const uplink = createUplinkSessions({
    name: 'ably',
    provided: ({ wakeId }): Provided => ({ hub: hubId, wake: wakeChannel(prefix, wakeId) }),
    wake: ({ wakeId }) => {
      const wake = publish(wakeChannel(prefix, wakeId), [
        { name: 'wake', clientId: hubId, data: '', extras: { headers: { frame: 1 } } },
      ]).finally(() => wakes.delete(wake))
      wakes.add(wake)
      return wake
    },
    actions: {
      token: (session, { channels }) =>
        noted(
          mintToken(rest, session, {
            prefix,
            wake: wakeChannel(prefix, session.wakeId),
            channels,
            now: () => (hub as GatewayHub).environment.now(),
          }),
        ),
    },
  })

  return {
    name: 'ably',
    routes: uplink.routes,
    start: (started) => {
      hub = started
      uplink.start(started)
    },
    publish: async (channel, { frame }) => {
      const name = encodeChannel(prefix, channel)
      for (const messages of toBatches(frame, hubId)) await publish(name, messages, channel)
    },
    revoke: async (subject) => {
      // Who is told by the hub first knows the reason: Ably's is that there is no access.
      await Promise.allSettled(wakes)
      const target = { type: 'clientId', value: clientIdOf(subject) }
      try {
        const { results } = await rest.auth.revokeTokens([target])
        for (const result of results) if ('error' in result) throw result.error
      } catch (cause) {
        throw hubError('Ably revoked no token', cause)
      }
    },
    stop: uplink.stop,
  }
}
