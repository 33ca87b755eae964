import { SynclineError } from '@syncline/core'
import { readJson } from './read-json.ts'

/** What a client POSTed, unchecked but for being a JSON object within the limit. */
export interface UplinkBody {
  readonly value: Readonly<Record<string, unknown>>
  /** Of the `Authorization` header: `Bearer {token}`. */
  readonly token: string | undefined
  /** The size of the body. */
  readonly bytes: number
}

/**
 * What a client POSTed and the token that came along, read no further than `maxBytes`. What it throws the hub's handler
 * answers.
 * @throws SynclineError `too-large`, `malformed-frame`
 */
export const readUplinkBody = async (request: Request, maxBytes: number): Promise<UplinkBody> => {
  const { value, bytes } = await readJson(request, maxBytes)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new SynclineError('malformed-frame', { detail: 'The body is no JSON object.' })
  const token = /^Bearer (.+)$/i.exec(request.headers.get('authorization') ?? '')?.[1]
  return { value: value as UplinkBody['value'], token, bytes }
}
