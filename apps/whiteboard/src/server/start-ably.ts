import { startAblyEmulator } from '@syncline/emulator'
import Ably from 'ably'
import { hostOf, reachableHost } from 'demo-support/server'
import type { Endpoints } from './endpoints.ts'
import { readLocalServer } from './read-local-server.ts'
import { startOnFreePort } from './start-on-free-port.ts'

/** Ably as the hub uses it, and as a browser finds it. */
export interface StartedAbly {
  readonly rest: Ably.Rest
  readonly endpoint: Endpoints['ably']
  close(): Promise<void>
}

/** With an account where there is one in the environment, else the emulator in this process. */
export const startAbly = async (): Promise<StartedAbly> => {
  const { ABLY_API_KEY: key } = process.env
  if (key === undefined) return startEmulator()
  const local = readLocalServer('ABLY')
  if (local) return { ...use(key, local.host, local.port), close: async () => {} }
  return { rest: new Ably.Rest({ key }), endpoint: {}, close: async () => {} }
}

const startEmulator = async (): Promise<StartedAbly> => {
  const host = hostOf()
  const emulator = await startOnFreePort('ably', 6002, (port) => startAblyEmulator({ port, host }))
  return { ...use(emulator.key, undefined, emulator.port), close: () => emulator.close() }
}

/** @param host left out: on this machine */
const use = (key: string, host: string | undefined, port: number) => ({
  rest: new Ably.Rest({ key, endpoint: host ?? reachableHost(), port, tls: false, fallbackHosts: [] }),
  endpoint: { local: { port, ...(host !== undefined && { host }) } },
})
