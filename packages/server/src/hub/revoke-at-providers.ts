import { SynclineError } from '@syncline/core'
import type { HubEnvironment } from '../environment/hub-environment.ts'
import type { Gateway } from '../gateway/gateway.ts'
import type { Logger } from '../logger.ts'
import type { Revocation } from './hub.ts'

/** Milliseconds between attempts: doubled from the first on. */
const firstDelay = 500
const mostAttempts = 6

/** Ends at the providers what they still let a subject hear. Tried a few times, each gateway on its own. */
export const createProviderRevocation = (options: {
  readonly gateways: readonly Gateway[]
  readonly environment: HubEnvironment
  readonly logger: Logger
}): ((revocation: Revocation) => void) => {
  const { gateways, environment, logger } = options

  const pause = (failures: number, error: unknown): Promise<void> => {
    const asked = error instanceof SynclineError ? (error.retryAfter ?? 0) : 0
    const delay = Math.max(asked, firstDelay * 2 ** failures)
    return new Promise((resolve) => environment.setTimer(delay, resolve))
  }

  const revoke = async (gateway: Gateway, { subject, channel }: Revocation): Promise<void> => {
    for (let failures = 0; ; failures++)
      try {
        return await gateway.revoke?.(subject, channel)
      } catch (error) {
        const fields = { gateway: gateway.name, subject, channel, error }
        if (failures + 1 >= mostAttempts) return logger.error(fields, 'a provider did not end access')
        logger.warn(fields, 'a provider did not end access yet')
        await pause(failures, error)
      }
  }

  return (revocation) => {
    for (const gateway of gateways) if (gateway.revoke) void revoke(gateway, revocation)
  }
}
