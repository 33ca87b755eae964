import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Listens on `PORT`, or on the first free port from 3000 on. On this machine only, unless `HOST` says otherwise. */
export const listen = async (server: Server): Promise<number> => {
  const { PORT, HOST = '127.0.0.1' } = process.env
  const ports = PORT === undefined ? Array.from({ length: 20 }, (_, index) => 3000 + index) : [Number(PORT)]
  for (const port of ports) {
    server.listen(port, HOST)
    try {
      await once(server, 'listening')
      return (server.address() as AddressInfo).port
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || port === ports.at(-1)) throw error
    }
  }
  throw new Error('No port is free.')
}
