import { toNodeHandler } from '@syncline/server'
import { transportSuite } from '@syncline/testing'
import { toyGateway } from './toy-gateway.ts'
import { startToyProvider, type ToyProvider } from './toy-provider.ts'
import { toyTransport } from './toy-transport.ts'

let running: ToyProvider

transportSuite('uplink with a toy provider', {
  provider: async () => {
    running = await startToyProvider()
    return running
  },
  serve: (server) => ({
    gateway: toyGateway(running),
    mount: (handler) => void server.on('request', toNodeHandler(handler)),
  }),
  transport: toyTransport,
})
