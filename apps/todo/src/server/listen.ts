import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { giveUp } from './give-up.ts'

/** Listens on the first of `ports` that is free. On this machine only, unless `HOST` says otherwise. */
export const listen = async (server: Server, ports: readonly number[]): Promise<number> => {
  const { HOST = '127.0.0.1' } = process.env
  for (const port of ports) {
    server.listen(port, HOST)
    try {
      await once(server, 'listening')
      return (server.address() as AddressInfo).port
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    }
  }
  return giveUp(`Another program listens on port ${ports.join(', ')}. Set PORT to a free one.`)
}
