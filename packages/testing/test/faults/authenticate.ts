import type { Identity } from '@syncline/server'

/** A token is a name, and perhaps its own end in milliseconds since 1970: `ada 1767225600000`. */
export const authenticate = (token: string): Identity => {
  const [id = '', expiresAt] = token.split(' ')
  return { id, ...(expiresAt && { expiresAt: Number(expiresAt) }) }
}
