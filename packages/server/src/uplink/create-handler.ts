import { SynclineError, toSynclineError } from '@syncline/core'
import type { GatewayHandler, NodeExchange } from '../gateway/gateway.ts'
import { type CorsOptions, corsHeaders, isPreflight, preflightResponse } from './cors.ts'
import { errorResponse, jsonResponse, refusal } from './json-response.ts'
import { nodeExchangeOf } from './node-exchanges.ts'
import { declaresMoreThan } from './read-json.ts'

/** What `GET {basePath}/health` tells: `ok` decides between 200 and 503, the rest is shown as it is. */
export interface Health {
  readonly ok: boolean
  readonly [detail: string]: unknown
}

export interface HandlerOptions {
  /** Where the uplink lives. Default `/syncline`. */
  readonly basePath?: string
  /** First path segment after `basePath` → who serves it. `health` is the uplink's own. */
  readonly routes: Readonly<Record<string, GatewayHandler>>
  readonly health: () => Health | Promise<Health>
  /** Which other origins may use it. Default: none. */
  readonly cors?: CorsOptions | undefined
  /** Bytes of a body. A request that announces more is refused before anything is read. */
  readonly maxBytes: number
  /** Gets what a route threw and is not a refusal by it: the client sees only `internal`. */
  readonly report: (error: SynclineError) => void
}

/** A web-standard handler, for Next.js, Hono, Bun, Deno, and Node through `toNodeHandler`. */
export type UplinkHandler = (request: Request) => Promise<Response>

/** Where only the gateway is wrong, the client's transport and the hub's gateways do not match: that is what to say. */
const notFound = (basePath: string, segment: string | undefined, names: Iterable<string>): Response =>
  refusal(
    404,
    'not-found',
    segment
      ? `This hub has no gateway \`${segment}\`; it has: ${[...names].join(', ') || 'none'}.`
      : `Nothing is served here. The hub's uplink lives under ${basePath || '/'}.`,
  )

/** The first segment after the base path, or `undefined` outside of it. */
const segmentOf = (pathname: string, basePath: string): string | undefined =>
  pathname.startsWith(`${basePath}/`) ? pathname.slice(basePath.length + 1).split('/', 1)[0] : undefined

const serveHealth = async (request: Request, health: HandlerOptions['health']): Promise<Response> => {
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return refusal(405, 'method-not-allowed', 'Ask for health with GET.', { allow: 'GET, HEAD' })
  const report = await health()
  return jsonResponse(report.ok ? 200 : 503, report)
}

/** Headers that a gateway's answer gets as well, whichever way it answers. */
const withHeaders = (response: Response, headers: Record<string, string>): Response => {
  for (const [name, value] of Object.entries(headers)) response.headers.append(name, value)
  return response
}

/**
 * The hub's uplink as one `Request → Response` function: finds the gateway by the first path segment, answers
 * `health`, applies CORS and bounds. Every refusal is JSON: `{ error: { code, detail } }`.
 */
export const createHandler = (options: HandlerOptions): UplinkHandler => {
  const { cors, maxBytes, health, report } = options
  const basePath = (options.basePath ?? '/syncline').replace(/\/+$/, '')
  const routes = new Map(Object.entries(options.routes))

  const serve = (request: Request, node: NodeExchange | undefined): Promise<Response> | Response => {
    const segment = segmentOf(new URL(request.url).pathname, basePath)
    if (segment === 'health') return serveHealth(request, health)
    const route = segment === undefined ? undefined : routes.get(segment)
    if (!route) return notFound(basePath, segment, routes.keys())
    if (declaresMoreThan(request, maxBytes))
      throw new SynclineError('too-large', { detail: `At most ${maxBytes} bytes are taken.` })
    return route(request, node)
  }

  const refuse = (thrown: unknown, { signal }: Request): Response => {
    // Nobody reads this answer, and nothing of ours failed.
    if (signal.aborted && thrown instanceof Error && thrown.name === 'AbortError')
      return errorResponse(new SynclineError('transport-failed', { cause: thrown }))
    if (thrown instanceof SynclineError && thrown.code !== 'internal') return errorResponse(thrown)
    report(toSynclineError(thrown))
    return errorResponse(new SynclineError('internal'))
  }

  return async (request) => {
    if (cors && isPreflight(request)) return preflightResponse(cors, request)
    const headers = cors ? corsHeaders(cors, request) : {}
    const node = nodeExchangeOf(request)
    // A gateway that takes Node's response over writes its head itself: what is set before goes with it.
    if (node) for (const [name, value] of Object.entries(headers)) node.response.setHeader(name, value)
    try {
      const response = await serve(request, node)
      return node ? response : withHeaders(response, headers)
    } catch (thrown) {
      const response = refuse(thrown, request)
      return node ? response : withHeaders(response, headers)
    }
  }
}
