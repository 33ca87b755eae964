import { giveUp } from 'demo-support/server'
import type { LocalServer } from './endpoints.ts'

/** A server that stands in for a provider: its `_HOST` and `_PORT`, both or none. */
export const readLocalServer = (provider: 'PUSHER' | 'ABLY'): Required<LocalServer> | undefined => {
  const host = process.env[`${provider}_HOST`]
  const port = Number(process.env[`${provider}_PORT`])
  if (host === undefined) return undefined
  return port > 0 ? { host, port } : giveUp(`Beside ${provider}_HOST set ${provider}_PORT to its port.`)
}
