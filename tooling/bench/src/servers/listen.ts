import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Listens on every loopback address, so that one address does not run out of ports; resolves with the port. */
export const listen = (server: Server, port = 0): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host: '0.0.0.0', backlog: 4096 }, () =>
      resolve((server.address() as AddressInfo).port),
    )
  })
