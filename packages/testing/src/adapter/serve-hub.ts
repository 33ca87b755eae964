import { createServer } from 'node:http'
import { type CloseOptions, toNodeHandler, type UplinkHandler } from '@syncline/server'
import { onTestFinished } from 'vitest'
import { listen } from './local-servers.ts'

interface ServedHub {
  readonly handler: UplinkHandler
  close(options: CloseOptions): Promise<void>
}

/**
 * Serves a hub's handler on loopback until the test is over, and closes both then.
 *
 * @returns where the uplink is: `http://127.0.0.1:1234/syncline`
 */
export const serveHub = async (hub: ServedHub): Promise<string> => {
  const server = createServer(toNodeHandler(hub.handler))
  const url = await listen(server, 0)
  onTestFinished(async () => {
    await hub.close({ within: 100 })
    server.closeAllConnections()
    server.close()
  })
  return `${url}/syncline`
}
