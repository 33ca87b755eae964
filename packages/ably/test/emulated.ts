import { type AblyEmulator, type AblyEmulatorOptions, startAblyEmulator } from '@syncline/emulator'
import { eventually } from '@syncline/testing'
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
    // A test that counts connections would see those that are kept for the next request.
    restAgentOptions: { keepAlive: false },
    ...options,
  }) as AblySettings

/** The emulator's own key, unless it was given others. */
const KEY = 'emulator.key:secret'

/** A backend's client. */
export const restAt = (
  place: { readonly host: string; readonly port: number },
  options: Ably.ClientOptions = {},
): Ably.Rest => new Ably.Rest({ ...local(place), key: KEY, ...options })

/** How many connections listen to a channel. */
export const listenersOf = async (rest: Ably.Rest, channel: string): Promise<number> => {
  const { items } = await rest.request('GET', `/channels/${encodeURIComponent(channel)}`, 6)
  return (items[0] as Ably.ChannelDetails).status.occupancy.metrics.subscribers
}

/** Resolves once so many listen: what is said before is not heard. */
export const untilListeners = async (rest: Ably.Rest, channel: string, count: number): Promise<void> => {
  let listeners: number | undefined
  let asking = false
  const ask = async () => {
    asking = true
    listeners = await listenersOf(rest, channel)
    asking = false
  }
  await eventually(() => {
    if (listeners === count) return true
    if (!asking) void ask()
    return false
  })
}
