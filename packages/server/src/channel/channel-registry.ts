import { type AnyContract, SynclineError } from '@syncline/core'
import { matchChannelName, patternsOverlap } from '@syncline/core/protocol'
import type { HubEnvironment } from '../environment/hub-environment.ts'
import { isPromise } from '../environment/is-promise.ts'
import { withTimeout } from '../environment/timeout.ts'
import type { Logger } from '../logger.ts'
import type { Access } from './access.ts'
import { checkServing } from './check-serving.ts'
import type { Identity } from './identity.ts'
import type { Authorization } from './serve-options.ts'
import { type Served, toServed } from './served.ts'

export interface ChannelRegistry {
  serve(contract: AnyContract, options: unknown): void
  /** Asks `authorize`; at once where it answers at once. Never rejects. */
  authorize(user: Identity, channel: string): Access | Promise<Access>
  find(
    channel: string,
  ): { readonly served: Served; readonly params: Readonly<Record<string, string>> } | undefined
}

const refused = (channel: string): SynclineError =>
  new SynclineError('forbidden', { channel, detail: `\`authorize\` refused "${channel}".` })

/** How long the client waits when `authorize` itself failed. */
const retryAfter = 1_000

/** The contracts that the hub serves, found by a channel's name. */
export const createChannelRegistry = (options: {
  readonly environment: HubEnvironment
  readonly logger: Logger
  readonly timeout: number
  readonly hasDatabase: boolean
}): ChannelRegistry => {
  const { environment, logger, timeout, hasDatabase } = options
  const fixed = new Map<string, Served>()
  const patterns: Served[] = []
  const noParams: Readonly<Record<string, string>> = {}

  const find: ChannelRegistry['find'] = (channel) => {
    const served = fixed.get(channel)
    if (served) return { served, params: noParams }
    for (const candidate of patterns) {
      const params = matchChannelName(candidate.contract.name, channel)
      if (params) return { served: candidate, params }
    }
    return undefined
  }

  const failed = (channel: string, subject: string, error: unknown): Access => {
    if (error instanceof SynclineError && error.code === 'forbidden') return { ok: false, error }
    logger.error({ channel, subject, error }, 'authorize failed')
    return { ok: false, error: new SynclineError('try-later', { retryAfter, channel }) }
  }

  return {
    find,
    serve: (contract, handlers) => {
      for (const other of [...fixed.values(), ...patterns])
        if (patternsOverlap(other.contract.name, contract.name))
          throw new SynclineError('invalid-channel', {
            detail:
              other.contract.name === contract.name
                ? `"${contract.name}" is already served.`
                : `"${contract.name}" and "${other.contract.name}" could name the same channel.`,
          })
      checkServing(contract, handlers, hasDatabase)
      const served = toServed(contract, handlers)
      if (contract.parameters.length === 0) fixed.set(contract.name, served)
      else patterns.push(served)
    },
    authorize: (user, channel) => {
      const match = find(channel)
      if (!match)
        return { ok: false, error: new SynclineError('unknown-channel', { channel, detail: `"${channel}"` }) }
      const decided = (authorization: Authorization): Access =>
        authorization === true
          ? { ok: true, ...match, since: undefined }
          : authorization
            ? { ok: true, ...match, since: authorization.since }
            : { ok: false, error: refused(channel) }
      try {
        const answer = match.served.authorize({ user, params: match.params, channel })
        if (!isPromise(answer)) return decided(answer)
        const late = () => new SynclineError('try-later', { detail: 'authorize took too long.' })
        return withTimeout(environment, Promise.resolve(answer), timeout, late).then(decided, (error) =>
          failed(channel, user.id, error),
        )
      } catch (error) {
        return failed(channel, user.id, error)
      }
    },
  }
}
