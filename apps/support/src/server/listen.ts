import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { giveUp } from './give-up.ts'

/** Where demos listen: on this machine only, unless `HOST` says otherwise. */
export const hostOf = (): string => process.env.HOST || '127.0.0.1'

/** What reaches a server that listens there from this machine: whoever listens everywhere is reached here. */
export const reachableHost = (): string => (['0.0.0.0', '::'].includes(hostOf()) ? '127.0.0.1' : hostOf())

/** Listens on the first of `ports` that is free. */
export const listen = async (server: Server, ports: readonly number[]): Promise<number> => {
  for (const port of ports) {
    server.listen(port, hostOf())
    try {
      await once(server, 'listening')
      return (server.address() as AddressInfo).port
    } catch (error) {
      if (!isTaken(error)) throw error
    }
  }
  return giveUp(`Another program listens on port ${ports.join(', ')}. Set PORT to a free one.`)
}

/** Whether it failed because another program listens there. */
export const isTaken = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
