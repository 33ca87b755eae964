import type { NodeExchange } from '../gateway/gateway.ts'

const exchanges = new WeakMap<Request, NodeExchange>()

/** Remembers Node's own request and response for a `Request` made of them. */
export const rememberNodeExchange = (request: Request, exchange: NodeExchange): void => {
  exchanges.set(request, exchange)
}

/**
 * Node's own request and response behind a `Request`, where it came through `toNodeHandler`; `undefined`
 * elsewhere. A handler that answers on Node's response itself returns what `takeOver()` gives.
 *
 * @example
 * const node = nodeExchangeOf(request)
 * if (!node) return new Response(stream)
 * node.response.writeHead(200, headers)
 * return node.takeOver()
 */
export const nodeExchangeOf = (request: Request): NodeExchange | undefined => exchanges.get(request)
