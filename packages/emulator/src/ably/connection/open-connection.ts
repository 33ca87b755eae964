import type { Link } from '../../shared/link.ts'
import { createRate } from '../../shared/rate.ts'
import { AblyError, toWireError } from '../ably-error.ts'
import type { Principal } from '../auth/principal.ts'
import type { Emulated } from '../emulated.ts'
import type { Format } from '../protocol/codec.ts'
import { ACTION, type Frame } from '../protocol/frame.ts'
import { type Connection, createConnection } from './connection.ts'

/**
 * What a socket's query asks for: a new connection, or one from before (`resume`, `recover`). Where that is not
 * possible, a new one that says why: 80018 for a malformed key, 80008 for one that is not known any more, 80011 for
 * somebody else's.
 *
 * @throws AblyError when the credentials do not do, or the protocol version is not spoken
 */
export const openConnection = (emulated: Emulated, query: URLSearchParams, link: Link): Connection => {
  const { authenticator, connections, limits, serials, now } = emulated
  const version = Number(query.get('v') ?? 6)
  if (!(version >= 2)) throw new AblyError(40017, `unsupported protocol version: ${query.get('v')}`)
  const principal = authenticator.authenticate({
    key: query.get('key') ?? undefined,
    token: query.get('access_token') ?? query.get('accessToken') ?? undefined,
  })
  const clientId = resolveClientId(principal, query.get('clientId') ?? undefined)
  const wanted = query.get('resume') ?? query.get('recover')
  const found = wanted ? find(emulated, wanted, clientId) : undefined
  if (found && !(found instanceof AblyError) && found.doom) {
    connections.end(found)
    throw found.doom
  }
  const shape = { principal, clientId, format: formatOf(query), echo: query.get('echo') !== 'false' }
  const connection =
    found && !(found instanceof AblyError)
      ? Object.assign(found, shape, { expiredBefore: 0 })
      : createConnection({ ...shape, rate: createRate(limits.connectionRate, now) })
  if (found instanceof AblyError) connection.expiredBefore = serials.next().seq
  connections.bind(connection, link)
  connection.reply(connectedFrame(emulated, connection, found instanceof AblyError ? found : undefined))
  return connection
}

/** CONNECTED; also the answer to a new token. */
export const connectedFrame = (
  { limits }: Emulated,
  { id, key, clientId, principal }: Connection,
  error?: AblyError,
): Frame => ({
  action: ACTION.connected,
  connectionId: id,
  connectionDetails: {
    connectionKey: key,
    ...(clientId === undefined || (clientId === '*' && !principal.token) ? {} : { clientId }),
    maxMessageSize: limits.maxMessageSize,
    ...(limits.connectionRate === Number.POSITIVE_INFINITY ? {} : { maxInboundRate: limits.connectionRate }),
    connectionStateTtl: limits.connectionStateTtl,
    maxIdleInterval: limits.maxIdleInterval,
    serverId: 'emulator',
  },
  ...(error ? { error: toWireError(error) } : {}),
})

/** @throws AblyError 40012 for a client id that cannot be, 40102 for one that the token does not allow */
export const resolveClientId = (principal: Principal, asked: string | undefined): string | undefined => {
  if (asked === undefined) return principal.clientId
  if (asked === '' || asked === '*') throw new AblyError(40012, `invalid client id: "${asked}"`)
  if (principal.clientId !== '*' && principal.clientId !== asked)
    throw new AblyError(40102, `client id ${asked} is not the token's (${principal.clientId ?? 'none'})`)
  return asked
}

export const formatOf = (query: URLSearchParams): Format =>
  query.get('format') === 'msgpack' ? 'msgpack' : 'json'

const find = ({ connections }: Emulated, key: string, clientId: string | undefined) => {
  if (!/^[\w-]+![\w-]+$/.test(key)) return new AblyError(80018, 'invalid connection id (invalid format)')
  const connection = connections.byKey(key)
  if (!connection) return new AblyError(80008, 'unable to recover connection (connection expired)')
  if (connection.clientId !== clientId)
    return new AblyError(80011, 'unable to recover connection (incompatible auth params)')
  return connection
}
