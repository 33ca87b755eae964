/** Which pages of other origins may use the uplink. */
export interface CorsOptions {
  /** Origins as browsers send them (`https://app.example.com`), or `'*'` for any. */
  readonly origins: readonly string[] | '*'
  /** Seconds for which a browser need not ask again. Default 600. */
  readonly maxAge?: number
}

const allows = ({ origins }: CorsOptions, origin: string): boolean =>
  origins === '*' || origins.includes(origin)

/** The headers that let this request's page read the answer; none when it may not. */
export const corsHeaders = (cors: CorsOptions, request: Request): Record<string, string> => {
  const origin = request.headers.get('origin')
  const vary = cors.origins === '*' ? undefined : { vary: 'origin' }
  if (origin === null || !allows(cors, origin)) return { ...vary }
  return {
    ...vary,
    'access-control-allow-origin': cors.origins === '*' ? '*' : origin,
    'access-control-expose-headers': 'retry-after',
  }
}

export const isPreflight = (request: Request): boolean =>
  request.method === 'OPTIONS' && request.headers.has('access-control-request-method')

/** The answer to a preflight. Tokens travel in a header or body, never in a cookie: no credentials. */
export const preflightResponse = (cors: CorsOptions, request: Request): Response => {
  const headers = corsHeaders(cors, request)
  if (!('access-control-allow-origin' in headers)) return new Response(null, { status: 204, headers })
  return new Response(null, {
    status: 204,
    headers: {
      ...headers,
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': request.headers.get('access-control-request-headers') ?? 'content-type',
      'access-control-max-age': String(cors.maxAge ?? 600),
    },
  })
}
