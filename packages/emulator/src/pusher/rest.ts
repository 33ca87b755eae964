import type { IncomingMessage, ServerResponse } from 'node:http'
import { readBody } from '../shared/read-body.ts'
import { requestUrl } from '../shared/request-url.ts'
import type { App } from './app.ts'
import type { Channels } from './channels.ts'
import { parseObject } from './frames.ts'
import { trigger, triggerBatch } from './rest-events.ts'
import { badRequest, RestFailure } from './rest-failure.ts'
import { describeChannel, listChannels, listUsers } from './rest-queries.ts'
import { authenticate, type RestRequest } from './rest-request.ts'
import type { Users } from './users.ts'

/** Bytes of a body: ten events of 10 kB, each character escaped, and their channels. */
const MAX_BODY = 512 * 1024

/** Answers Pusher's HTTP API, and `GET /` with a line that says who is there. */
export const createRest =
  (app: App, channels: Channels, users: Users) =>
  async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const body = await readBody(request, MAX_BODY)
      const url = requestUrl(request.url)
      if (!url) throw badRequest('The request has no readable path')
      if (url.pathname === '/')
        return send(response, 200, 'text/plain', 'Syncline emulator of Pusher Channels\n')
      const failure = app.faults.takeRestFailure(url.pathname)
      if (failure === 0) return void request.socket.destroy()
      if (failure !== undefined) throw new RestFailure(failure, 'A fault that was asked for')
      if (body === 'too-large') throw new RestFailure(413, `A request may have ${MAX_BODY} bytes at most`)
      const query = url.searchParams
      const parts = { method: request.method ?? 'GET', path: url.pathname, query, body }
      send(response, 200, 'application/json', JSON.stringify(route(app, channels, users, parts)))
    } catch (error) {
      if (!(error instanceof RestFailure)) throw error
      send(response, error.status, 'text/plain', `${error.message}\n`)
    }
  }

const send = (response: ServerResponse, status: number, type: string, body: string) => {
  response.writeHead(status, { 'content-type': type })
  response.end(body)
}

const route = (app: App, channels: Channels, users: Users, request: RestRequest): object => {
  const { method, path, query, body } = request
  const [, id, resource, name, action] =
    /^\/apps\/([^/]+)\/([a-z_]+)(?:\/([^/]+))?(?:\/([^/]+))?$/.exec(path) ?? []
  if (id === undefined) throw new RestFailure(404, `Nothing at ${path}`)
  if (id !== app.id) throw new RestFailure(404, `Unknown app ${id}`)
  authenticate(app, request)
  const target = name && decodeURIComponent(name)
  switch (`${method} ${resource}${target ? '/:name' : ''}${action ? `/${action}` : ''}`) {
    case 'POST events':
      return trigger(app, channels, readJson(body))
    case 'POST batch_events':
      return triggerBatch(app, channels, readJson(body))
    case 'GET channels':
      return listChannels(channels, query)
    case 'GET channels/:name':
      return describeChannel(channels, target!, query)
    case 'GET channels/:name/users':
      return listUsers(channels, target!)
    case 'POST users/:name/terminate_connections':
      users.terminate(target!)
      return {}
    default:
      throw new RestFailure(404, `Nothing at ${method} ${path}`)
  }
}

const readJson = (body: Buffer): Record<string, unknown> => {
  const json = parseObject(body.toString())
  if (!json) throw badRequest('The body must be a JSON object')
  return json
}
