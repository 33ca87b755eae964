import { startPusherEmulator } from '@syncline/emulator'
import { giveUp, hostOf, reachableHost } from 'demo-support/server'
import Pusher from 'pusher'
import type { Endpoints } from './endpoints.ts'
import { readLocalServer } from './read-local-server.ts'
import { startOnFreePort } from './start-on-free-port.ts'

/** Pusher as the hub uses it, and as a browser finds it. */
export interface StartedPusher {
  readonly rest: Pusher
  readonly endpoint: Endpoints['pusher']
  close(): Promise<void>
}

/** With an account where there is one in the environment, else the emulator in this process. */
export const startPusher = async (): Promise<StartedPusher> => {
  const {
    PUSHER_APP_ID: appId,
    PUSHER_KEY: key,
    PUSHER_SECRET: secret,
    PUSHER_CLUSTER: cluster,
  } = process.env
  if (key === undefined) return startEmulator()
  if (!appId || !secret) return giveUp('Beside PUSHER_KEY set PUSHER_APP_ID and PUSHER_SECRET.')
  const account = { appId, key, secret }
  const local = readLocalServer('PUSHER')
  if (local) return { ...use(account, local.host, local.port), close: async () => {} }
  if (!cluster) return giveUp('Beside PUSHER_KEY set PUSHER_CLUSTER.')
  const rest = new Pusher({ ...account, cluster, useTLS: true })
  return { rest, endpoint: { key, cluster }, close: async () => {} }
}

const startEmulator = async (): Promise<StartedPusher> => {
  const host = hostOf()
  const emulator = await startOnFreePort('pusher', 6001, (port) => startPusherEmulator({ port, host }))
  return { ...use(emulator, undefined, emulator.port), close: () => emulator.close() }
}

/** @param host left out: on this machine */
const use = (
  { appId, key, secret }: { readonly appId: string; readonly key: string; readonly secret: string },
  host: string | undefined,
  port: number,
) => ({
  rest: new Pusher({ appId, key, secret, host: host ?? reachableHost(), port: String(port), useTLS: false }),
  endpoint: { key, local: { port, ...(host !== undefined && { host }) } },
})
