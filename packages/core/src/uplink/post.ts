import type { Environment } from '../environment/environment.ts'
import { refused, unreached } from './http-errors.ts'

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return // No body of ours: the status decides.
  }
}

/** POSTs and reads JSON; undefined where the answer is none. @throws SynclineError what was answered, or why nothing */
export const post = async (fetch: Environment['fetch'], url: string, init: RequestInit): Promise<unknown> => {
  let response: Response
  let body: unknown
  try {
    response = await fetch(url, { ...init, method: 'POST', cache: 'no-store' })
    body = parsed(await response.text())
  } catch (cause) {
    throw unreached(url, cause)
  }
  if (!response.ok) throw refused(url, response, (body as { readonly error?: unknown } | undefined)?.error)
  return body
}
