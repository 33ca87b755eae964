import { startAblyEmulator } from '@syncline/emulator'
import { toNodeHandler } from '@syncline/server'
import { type TransportPair, transportSuite } from '@syncline/testing'
import { uplinkGarbage } from '@syncline/testing/adapter'
import { ablyGateway } from '../src/hub/index.ts'
import { ably } from '../src/index.ts'
import { local, restAt } from './emulated.ts'

const pair = (useBinaryProtocol: boolean): TransportPair => ({
  // A burst of the suite is no business of Ably's quotas.
  provider: () =>
    startAblyEmulator({
      limits: { channelRate: Number.POSITIVE_INFINITY, connectionRate: Number.POSITIVE_INFINITY },
    }),
  serve: (server, port) => ({
    gateway: ablyGateway({ rest: restAt({ host: '127.0.0.1', port }) }),
    mount: (handler) => void server.on('request', toNodeHandler(handler)),
  }),
  transport: (url, providerUrl) =>
    ably(`${url}/syncline`, {
      ...local({ host: '127.0.0.1', port: Number(new URL(providerUrl).port) }, { useBinaryProtocol }),
    }),
  garbage: uplinkGarbage('ably', ['token']),
})

transportSuite('ably', pair(false))
