import { Agent } from 'node:http'
import { type PusherEmulator, type PusherEmulatorOptions, startPusherEmulator } from '@syncline/emulator'
import Pusher from 'pusher'
import { onTestFinished } from 'vitest'
import type { PusherOptions } from '../src/index.ts'

/** An emulator that ends with its test. */
export const startEmulator = async (options?: PusherEmulatorOptions): Promise<PusherEmulator> => {
  const emulator = await startPusherEmulator(options)
  onTestFinished(() => emulator.close())
  return emulator
}

/** Where an emulator listens, and as whom it knows the app. */
export interface Place {
  readonly host?: string
  readonly port: number
  readonly key?: string
}

/** The server SDK for an emulator. */
export const createServerSdk = ({ host = '127.0.0.1', port }: Place, changes = {}): Pusher =>
  new Pusher({
    appId: 'app',
    key: 'key',
    secret: 'secret',
    host,
    port: String(port),
    useTLS: false,
    encryptionMasterKeyBase64: Buffer.alloc(32, 7).toString('base64'),
    // Node's own keeps connections open, and a test that counts sockets would see them.
    agent: new Agent({ keepAlive: false }),
    ...changes,
  })

/** Options of the transport, or the plain one, for an emulator. */
export const clientOptions = ({ host = '127.0.0.1', port, key = 'key' }: Place): PusherOptions => ({
  key,
  wsHost: host,
  wsPort: port,
  forceTLS: false,
  enabledTransports: ['ws'],
})
