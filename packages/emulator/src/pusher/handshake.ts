import { requestUrl } from '../shared/request-url.ts'

/** Why a new connection is closed at once: a close code of the Channels protocol and its message. */
export interface Rejection {
  readonly code: number
  readonly message: string
}

const SUPPORTED = [5, 6, 7]

/**
 * Looks at `/app/<key>?protocol=7&client=js&version=8.6.0`.
 *
 * @returns undefined where the client may come in
 */
export const checkHandshake = (url: string, key: string): Rejection | undefined => {
  const { pathname = '', searchParams } = requestUrl(url) ?? {}
  const path = /^\/app\/([^/]+)\/?$/.exec(pathname)
  if (!path || !searchParams) return { code: 4005, message: 'Path not found' }
  const protocol = searchParams.get('protocol')
  if (!protocol) return { code: 4008, message: 'No protocol version supplied' }
  if (!/^\d+$/.test(protocol)) return { code: 4006, message: 'Invalid version string format' }
  if (!SUPPORTED.includes(Number(protocol))) return { code: 4007, message: 'Unsupported protocol version' }
  const version = searchParams.get('version')
  if (version && !/^\d+(\.\d+)*/.test(version))
    return { code: 4006, message: 'Invalid version string format' }
  if (path[1] !== key)
    return { code: 4001, message: `App key ${path[1]} not in this cluster. Does it exist?` }
  return undefined
}
