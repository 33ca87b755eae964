import { AblyError, toAblyError, toWireError } from '../ably-error.ts'
import { issueToken } from '../auth/token.ts'
import { recheck } from '../connection/reauthorize.ts'
import type { Emulated } from '../emulated.ts'
import { ACTION } from '../protocol/frame.ts'
import type { Answer } from './answer.ts'
import type { RestRequest } from './request.ts'

/** Targets of one revocation. */
const MAX_TARGETS = 100

/** `/keys/{keyName}/…` */
export const keyRoute = async (emulated: Emulated, request: RestRequest): Promise<Answer> => {
  const [, keyName = '', what] = request.path
  const body = record(request.method === 'POST' ? await request.body() : undefined)
  if (request.method === 'POST' && what === 'requestToken')
    return requestToken(emulated, request, keyName, body)
  if (request.method === 'POST' && what === 'revokeTokens')
    return revokeTokens(emulated, request, keyName, body)
  throw new AblyError(40400, `no such resource: ${request.method} /${request.path.join('/')}`)
}

/** A token for a signed request, or for an unsigned one of somebody who shows the key itself. */
const requestToken = (
  { keys, tokenRequests }: Emulated,
  { credentials }: RestRequest,
  keyName: string,
  body: Readonly<Record<string, unknown>>,
): Answer => {
  const key = keys.byName(keyName)
  const shown = credentials.key !== undefined && keys.check(credentials.key).name === key.name
  return {
    status: 201,
    body: issueToken(key, tokenRequests.check(key, body, body.mac !== undefined || !shown)),
  }
}

const revokeTokens = (
  emulated: Emulated,
  { credentials }: RestRequest,
  keyName: string,
  body: Readonly<Record<string, unknown>>,
): Answer => {
  const { authenticator, connections, revocations, now } = emulated
  const principal = authenticator.authenticate(credentials)
  if (principal.token) throw new AblyError(40162, 'revoking tokens requires basic auth', 401)
  if (principal.keyName !== keyName) throw new AblyError(40101, 'a key revokes only its own tokens')
  const { targets, issuedBefore, allowReauthMargin } = body
  if (!Array.isArray(targets) || targets.length === 0 || targets.length > MAX_TARGETS)
    throw new AblyError(40003, `targets must be a list of 1 to ${MAX_TARGETS}`)
  const margin = allowReauthMargin === true
  const results = targets.map((target: unknown) => {
    try {
      return revocations.add(keyName, String(target), issuedBefore, margin)
    } catch (thrown) {
      return { target: String(target), error: toWireError(toAblyError(thrown)) }
    }
  })
  const failureCount = results.filter((result) => 'error' in result).length
  const enforce = () => {
    for (const connection of connections.all()) if (connection.link) recheck(emulated, connection)
  }
  if (margin) {
    for (const connection of connections.all())
      if (
        connection.principal.token &&
        results.some(({ target }) => target === `clientId:${connection.clientId}`)
      )
        connection.reply({ action: ACTION.auth })
    const applies = Math.max(...results.map((result) => ('appliesAt' in result ? result.appliesAt : 0)))
    setTimeout(enforce, applies - now()).unref()
  } else enforce()
  return { status: 200, body: { successCount: results.length - failureCount, failureCount, results } }
}

const record = (value: unknown): Readonly<Record<string, unknown>> => {
  if (value === undefined) return {}
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new AblyError(40001, 'invalid request body: not an object')
  return value as Record<string, unknown>
}
