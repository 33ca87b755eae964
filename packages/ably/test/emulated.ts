import { type AblyEmulator, type AblyEmulatorOptions, startAblyEmulator } from '@syncline/emulator'
import * as Ably from 'ably'
import { onTestFinished } from 'vitest'
import type { AblySettings } from '../src/index.ts'

/** An emulator that ends with its test. */
export const startAbly = async (options?: AblyEmulatorOptions): Promise<AblyEmulator> => {
  const emulator = await startAblyEmulator(options)
  onTestFinished(() => emulator.close())
  return emulator
}

/** What the SDK needs to find an emulator and nothing else. */
export const local = (
  { host, port }: { readonly host: string; readonly port: number },
  options: AblySettings = {},
): AblySettings =>
  ({
    endpoint: host,
    port,
    tls: false,
    fallbackHosts: [],
    transports: ['web_socket'],
    disableConnectivityCheck: true,
    wsConnectivityCheckUrl: `ws://${host}:${port}/`,
    logLevel: 0,
    ...options,
  }) as AblySettings

/** The emulator's own key, unless it was given others. */
const KEY = 'emulator.key:secret'

/** A backend's client. */
export const restAt = (
  place: { readonly host: string; readonly port: number },
  options: Ably.ClientOptions = {},
): Ably.Rest => new Ably.Rest({ ...local(place), key: KEY, ...options })
