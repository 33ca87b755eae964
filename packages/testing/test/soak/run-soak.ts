import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { startAblyEmulator, startPusherEmulator } from '@syncline/emulator'
import type { ManagedProviders } from '../four-providers/room-hub.ts'
import type { Provider } from '../four-providers/room-transports.ts'
import type { Census } from './census.ts'

export interface SoakOptions {
  /** How often everybody comes and goes and all is counted, after a first time that is not. */
  readonly chapters: number
  /** How often everything is done in a chapter. */
  readonly rounds: number
  /** Clients that come and go in a round. */
  readonly clients: number
  /** Channels, each with a name of its own, that one client uses in the end. */
  readonly freshChannels: number
}

export interface ChurnSettings extends SoakOptions {
  readonly provider: Provider
  readonly managed: ManagedProviders
}

export interface SoakReport {
  readonly provider: Provider
  /** How many clients there were. */
  readonly clients: number
  /** After each chapter, with nobody there. */
  readonly censuses: readonly Census[]
  /** For each channel that a client has ever used, both ends together: while it lives, and afterwards. */
  readonly perName: Census
  readonly perNameAfterwards: Census
  /** The most that was left when all was at rest, by kind: zero each. */
  readonly left: Readonly<Record<string, number>>
  readonly seconds: number
}

/** Code that is compiled better and better, or again, would be taken for a leak. */
const steady = [
  '--expose-gc',
  '--no-opt',
  '--no-maglev',
  '--no-sparkplug',
  '--no-lazy-feedback-allocation',
  '--no-flush-bytecode',
]
const churn = fileURLToPath(new URL('./churn.ts', import.meta.url))
const register = fileURLToPath(new URL('../../../../tooling/resolve/register.mjs', import.meta.url))

const runChild = (settings: ChurnSettings): Promise<SoakReport> =>
  new Promise((resolve, reject) => {
    const flags = [...steady, '--import', register, churn, JSON.stringify(settings)]
    const child = spawn(process.execPath, flags, { stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    let complaint = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint += text
    })
    child.on('error', reject)
    child.on('close', (code, signal) => {
      const report = /^report (.*)$/m.exec(said)?.[1]
      if (code === 0 && report) resolve(JSON.parse(report))
      else reject(new Error(`The soak on ${settings.provider} ended with ${code ?? signal}. ${complaint}`))
    })
  })

/** Churns on one provider in a process of its own; the emulators, which have a memory, stay in this one. */
export const runSoak = async (provider: Provider, options: SoakOptions): Promise<SoakReport> => {
  const unlimited = { channelRate: Number.POSITIVE_INFINITY, connectionRate: Number.POSITIVE_INFINITY }
  const pusher = await startPusherEmulator()
  const ably = await startAblyEmulator({ limits: unlimited })
  const { appId, key, secret, port } = pusher
  const managed = { pusher: { appId, key, secret, port }, ably: { key: ably.key, port: ably.port } }
  try {
    return await runChild({ provider, managed, ...options })
  } finally {
    await pusher.close()
    await ably.close()
  }
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

/**
 * By how much a chapter makes it grow: the median of the slopes between all pairs of chapters (Theil and Sen), which
 * one odd chapter does not change, and in which what grows each time always shows.
 */
const slope = (values: readonly number[]): number =>
  median(values.flatMap((late, to) => values.slice(0, to).map((early, from) => (late - early) / (to - from))))

/** What each of the clients of a chapter leaves behind. */
export const growth = (censuses: readonly Census[], clientsOfChapter: number): Census => ({
  objects: slope(censuses.map(({ objects }) => objects)) / clientsOfChapter,
  bytes: slope(censuses.map(({ bytes }) => bytes)) / clientsOfChapter,
})
