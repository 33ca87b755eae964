import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { startAblyEmulator, startPusherEmulator } from '@syncline/emulator'
import type { ManagedProviders } from '../four-providers/room-hub.ts'
import type { Provider } from '../four-providers/room-transports.ts'

export interface SoakOptions {
  /** How often everything is done, and the heap looked at. */
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
  /** How many clients and views there were. */
  readonly clients: number
  /** Bytes after each round, garbage collected. */
  readonly heaps: readonly number[]
  /** The same of rounds in which the provider's SDK came and went alone. */
  readonly bareHeaps: readonly number[]
  /** Bytes for each channel that a client has ever used, both ends together: while it lives, and afterwards. */
  readonly perName: number
  readonly perNameAfterwards: number
  /** What is over and was not collected, by kind. */
  readonly undead: Readonly<Record<string, number>>
  /** What is to be zero at the end. */
  readonly counts: Readonly<Record<string, number>>
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
 * Bytes by which a round makes the heap grow, once it is warm: the median of the slopes between all pairs of rounds
 * of the second half (Theil and Sen), which one odd round does not change.
 */
export const growth = (heaps: readonly number[]): number => {
  const warm = heaps.slice(Math.floor(heaps.length / 2))
  return median(
    warm.flatMap((late, to) => warm.slice(0, to).map((early, from) => (late - early) / (to - from))),
  )
}
