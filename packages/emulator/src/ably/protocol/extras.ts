import { AblyError } from '../ably-error.ts'

/** The keys that Ably lets a client put into `extras`. */
const PERMITTED = new Set(['headers', 'ref', 'push', 'ephemeral'])

/** @throws AblyError 40032 for an unknown key, and for headers that are not a flat object of plain values */
export const checkExtras = (extras: unknown): Readonly<Record<string, unknown>> | undefined => {
  if (extras === undefined || extras === null) return undefined
  if (typeof extras !== 'object' || Array.isArray(extras))
    throw new AblyError(40032, 'extras must be an object')
  for (const key of Object.keys(extras))
    if (!PERMITTED.has(key)) throw new AblyError(40032, `impermissible extras field: ${key}`)
  const { headers } = extras as { headers?: unknown }
  if (headers !== undefined && headers !== null) checkHeaders(headers)
  return extras as Record<string, unknown>
}

const checkHeaders = (headers: unknown) => {
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers))
    throw new AblyError(40032, 'extras.headers must be an object')
  for (const [name, value] of Object.entries(headers))
    if (typeof value === 'object' && value !== null)
      throw new AblyError(40032, `extras.headers must be flat: ${name}`)
}
