import { AblyError, toAblyError, toWireError } from '../ably-error.ts'
import type { Principal } from '../auth/principal.ts'
import type { Emulated } from '../emulated.ts'
import { readItems } from '../protocol/item.ts'
import type { Answer } from './answer.ts'
import { publishOver } from './channel-routes.ts'
import type { RestRequest } from './request.ts'

/** Channels of one batch. */
const MAX_CHANNELS = 100

/** `POST /messages`: each message to each channel of its spec; every channel has its own outcome. */
export const batchPublish = async (
  emulated: Emulated,
  request: RestRequest,
  principal: Principal,
): Promise<Answer> => {
  const specs = await request.body()
  if (!Array.isArray(specs)) return { status: 201, body: publishSpec(emulated, specs, principal, request) }
  return { status: 201, body: specs.map((spec) => publishSpec(emulated, spec, principal, request)) }
}

const publishSpec = (emulated: Emulated, spec: unknown, principal: Principal, { clientId }: RestRequest) => {
  if (typeof spec !== 'object' || spec === null) throw new AblyError(40001, 'a batch is not an object')
  const { channels, messages } = spec as { channels?: unknown; messages?: unknown }
  const names = typeof channels === 'string' ? [channels] : channels
  if (!Array.isArray(names) || names.length === 0 || names.length > MAX_CHANNELS)
    throw new AblyError(40003, `channels must be a list of 1 to ${MAX_CHANNELS}`)
  const results = names.map((name: unknown) => {
    try {
      const channel = emulated.channels.get(String(name))
      return publishOver(emulated, channel, readItems(messages), principal, clientId)
    } catch (thrown) {
      return { channel: String(name), error: toWireError(toAblyError(thrown)) }
    }
  })
  const failureCount = results.filter((result) => 'error' in result).length
  return { successCount: results.length - failureCount, failureCount, results }
}
