import { SynclineError } from '@syncline/core'
import type { GatewayHandler, GatewayHub, NodeExchange } from '../gateway/gateway.ts'
import { errorResponse, jsonResponse, refusal } from './json-response.ts'
import { createLinkTable, type LinkTable } from './link-table.ts'
import { readUplinkBody, type UplinkBody } from './read-uplink-body.ts'
import { UplinkLink } from './uplink-link.ts'
import type { UplinkSessions, UplinkSessionsOptions } from './uplink-session.ts'

/**
 * The hub's half of the uplink, for gateways whose provider's clients cannot send to the hub (Pusher, Ably).
 *
 * - `POST {base}/{name}`: `{ frames }` → `{ session, wake, frames, provider? }`
 * - `POST {base}/{name}/send`: `{ session, n, frames }` → `{ frames, more? }`, one at a time, counted by `n`; `more`:
 *   ask again at once. The last one sent again gets the same answer.
 * - `POST {base}/{name}/close`: `{ session }`
 * - `POST {base}/{name}/{action}`: `{ session, … }` → what the action answers
 *
 * All need the secret session id and the token that the session was opened with, or one it was given since.
 *
 * @example
 * const uplink = createUplinkSessions({ name: 'pusher', wake: ({ wakeId }) => trigger(wakeId) })
 * return { name: 'pusher', routes: uplink.routes, start: uplink.start, stop: uplink.stop, publish }
 */
export const createUplinkSessions = (options: UplinkSessionsOptions): UplinkSessions => {
  const { name, actions = {} } = options
  let hub: GatewayHub | undefined
  let links: LinkTable | undefined

  const open = async (body: UplinkBody, request: Request, node: NodeExchange | undefined) => {
    if (!hub || !links) return errorResponse(new SynclineError('hub-closing'))
    const { token, bytes } = body
    const { frames } = body.value
    const { heartbeat } = hub
    const { signal } = request
    const address = node?.request.socket.remoteAddress
    const link = links.add(new UplinkLink(hub, links, { token, frames, bytes }, address))
    const answer = await link.opened(signal)
    if (signal.aborted) link.end()
    if (!link.open) return framesResponse(answer.frames)
    try {
      const provider = await options.provided?.(link)
      const { id: session, wakeId: wake } = link
      return framesResponse(answer.frames, { session, wake, heartbeat, provider })
    } catch (error) {
      link.end()
      throw error
    }
  }

  const act = async (action: string, link: UplinkLink, body: UplinkBody, { signal }: Request) => {
    link.heard()
    switch (action) {
      case 'send': {
        const { n, frames: given } = body.value
        const { frames, more } = await link.ask(n, given, body.bytes, signal)
        return framesResponse(frames, more ? { more } : {})
      }
      case 'close':
        link.end()
        return new Response(null, { status: 204, headers: { 'cache-control': 'no-store' } })
      default: {
        const { session: _, ...rest } = body.value
        const run = Object.hasOwn(actions, action) ? actions[action] : undefined
        if (!run) return refusal(404, 'not-found', `${name} knows no "${action}".`)
        return jsonResponse(200, (await run(link, rest)) ?? null)
      }
    }
  }

  const handle: GatewayHandler = async (request, node) => {
    if (request.method !== 'POST')
      return refusal(405, 'method-not-allowed', `${name} takes POST.`, { allow: 'POST' })
    if (!links) return errorResponse(new SynclineError('hub-closing'))
    const body = await readUplinkBody(request, links.frameBytes)
    const action = actionOf(request, name)
    if (action === undefined) return open(body, request, node)
    const link = links?.find(body.value.session)
    if (!link) return refusal(404, 'transport-failed', 'There is no such session.')
    if (!link.guard.admits(body.token)) return errorResponse(new SynclineError('unauthenticated'))
    return act(action, link, body, request)
  }

  return {
    routes: { [name]: handle },
    get sessions() {
      return links?.open() ?? []
    },
    start: (started) => {
      hub = started
      links = createLinkTable(started, options)
    },
    stop: async (within = 0) => {
      hub = undefined
      await links?.empty(within)
      links = undefined
    },
  }
}

/** What follows the gateway's own segment; undefined: nothing. The base path may end with the same word. */
const actionOf = ({ url }: Request, name: string): string | undefined => {
  const segments = new URL(url).pathname.split('/')
  const last = segments.pop() || segments.pop()
  return last === name ? undefined : last
}

const framesResponse = (frames: string, more: object = {}): Response => {
  const rest = JSON.stringify(more).slice(1)
  return new Response(`{"frames":${frames}${rest === '}' ? '' : ','}${rest}`, {
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
  })
}
