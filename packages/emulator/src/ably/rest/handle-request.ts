import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { AblyError, toAblyError } from '../ably-error.ts'
import type { Emulated } from '../emulated.ts'
import { type Answer, CORS, errorAnswer, sendAnswer } from './answer.ts'
import { batchPublish } from './batch-publish.ts'
import { channelRoute } from './channel-routes.ts'
import { keyRoute } from './key-routes.ts'
import { readRequest } from './request.ts'

/**
 * Ably's REST interface: time, tokens, publish, history, presence and channel status.
 *
 * @param takeFailure the status with which a fault makes this request fail, 0 to cut it
 */
export const handleRequest = async (
  emulated: Emulated,
  request: IncomingMessage,
  response: ServerResponse,
  takeFailure: (path: string) => number | undefined,
): Promise<void> => {
  if (request.method === 'OPTIONS') return void response.writeHead(204, CORS).end()
  const delay = emulated.delay()
  if (delay > 0) await wait(delay)
  const failure = takeFailure(request.url ?? '/')
  if (failure === 0) return void request.socket.destroy()
  const answer = failure === undefined ? await answerOf(emulated, request) : errorAnswer(injected(failure))
  if (!request.complete) request.resume()
  sendAnswer(request, response, answer)
}

const answerOf = async (emulated: Emulated, request: IncomingMessage): Promise<Answer> => {
  try {
    return await route(emulated, request)
  } catch (thrown) {
    return errorAnswer(toAblyError(thrown))
  }
}

const route = async (emulated: Emulated, incoming: IncomingMessage): Promise<Answer> => {
  const request = readRequest(incoming)
  const [first, ...rest] = request.path
  if (first === 'time' && rest.length === 0) return { body: [emulated.now()] }
  if (first === 'keys') return keyRoute(emulated, request)
  const principal = emulated.authenticator.authenticate(request.credentials)
  if (first === 'channels' && rest[0]) return channelRoute(emulated, request, principal)
  if (first === 'messages' && request.method === 'POST') return batchPublish(emulated, request, principal)
  throw new AblyError(40400, `no such resource: ${request.method} ${incoming.url}`)
}

/** The plainest of Ably's codes for a status. */
const injected = (status: number) =>
  new AblyError(status === 429 ? 42910 : status * 100, 'a fault that was asked for', status)
