import { startPusherEmulator } from '@syncline/emulator'
import { toNodeHandler } from '@syncline/server'
import { type TransportPair, transportSuite } from '@syncline/testing'
import { uplinkGarbage } from '@syncline/testing/adapter'
import nacl from 'tweetnacl'
import { pusherGateway } from '../src/hub/index.ts'
import { pusher } from '../src/index.ts'
import { clientOptions, createServerSdk } from './servers.ts'

const pair = (encrypted: boolean, nacl?: object): TransportPair => ({
  provider: () => startPusherEmulator(),
  serve: (server, port) => ({
    gateway: pusherGateway({ pusher: createServerSdk({ port }), encrypted }),
    mount: (handler) => void server.on('request', toNodeHandler(handler)),
  }),
  transport: (url, providerUrl) =>
    pusher(`${url}/syncline`, {
      ...clientOptions({ port: Number(new URL(providerUrl).port) }),
      ...(nacl && { nacl }),
    }),
  garbage: uplinkGarbage('pusher', ['sign-in', 'authorize']),
})

transportSuite('pusher', pair(false))
transportSuite('pusher, encrypted', pair(true, nacl))
