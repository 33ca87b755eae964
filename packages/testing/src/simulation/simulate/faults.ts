import type { Chance } from '../chance.ts'
import type { LossyProvider } from '../lossy-provider.ts'
import type { SimulatedClient } from './simulated-client.ts'
import type { SimulatedHub } from './simulated-hub.ts'

/** Faults after which everything that a hub accepted is still there. */
export const usualFaults = [
  'cut',
  'half-open link',
  'offline',
  'partition',
  'slow reader',
  'latency changed',
  'client crash',
  'sleeping tab',
  'clock jumped',
  'client disk full',
  'client disk broken',
  'sign-in down',
  'hub crash',
  'hub restart',
  'hub clock jumped',
  'store outage',
  'slow store',
  'provider outage',
  'lossy fan-out',
] as const

/** Faults after which a hub has forgotten what it accepted: it goes on from a backup, or from nothing. */
export const setbacks = ['backup restored', 'hub disk lost'] as const

export type SimulatedFault = (typeof usualFaults)[number] | (typeof setbacks)[number]

/** Those that befall one client. */
export const ofClients: ReadonlySet<SimulatedFault> = new Set(
  usualFaults.slice(0, usualFaults.indexOf('sign-in down')),
)

/** What faults happen to. */
export interface Victims {
  readonly hub: SimulatedHub
  readonly client: SimulatedClient
  readonly provider: LossyProvider
  readonly signIn: { trouble: 'down' | 'hangs' | 'stale' | 'other' | undefined }
  readonly chance: Chance
  /** Ends the fault after a while, unless all were ended before. */
  later(ms: number, end: () => void): void
}

const shortly = (chance: Chance): number => chance.pick([200, 1_000, 4_000, 12_000, 40_000])

/** Sets something for a while. */
const set = <T extends object>({ later, chance }: Victims, on: T, changed: Partial<T>, back: Partial<T>) => {
  Object.assign(on, changed)
  later(shortly(chance), () => Object.assign(on, back))
}

/** Each makes one happen, where it can happen now. */
export const faultActs: Readonly<Record<SimulatedFault, (victims: Victims) => void>> = {
  cut: ({ client }) => client.wire.cut(),
  'half-open link': ({ client, chance }) =>
    client.wire.silence(chance.pick(['up', 'down', undefined] as const)),
  offline: ({ client, chance, later }) => {
    client.offline()
    later(shortly(chance), client.online)
  },
  partition: (on) => {
    on.client.wire.silence()
    set(on, on.client.wire, { door: 'void' }, { door: 'open' })
  },
  'slow reader': (on) => set(on, on.client.wire, { rate: 0.05 }, { rate: undefined }),
  'latency changed': (on) =>
    set(on, on.client.wire, { latency: on.chance.pick([0, 100, 1_500]) }, { latency: 5 }),
  'client crash': ({ client, chance, later }) => {
    const acts = chance.below(12)
    client.kill(acts)
    later(acts > 0 ? 2_000 : 0, () => {
      client.kill()
      later(chance.pick([0, 300, 5_000, 20_000]), () => !client.closed && client.open())
    })
  },
  'sleeping tab': ({ client, chance, later }) => {
    client.sleep()
    later(chance.pick([3_000, 20_000, 60_000]), client.wake)
  },
  'clock jumped': ({ client, chance }) => client.clock(chance.pick([-3_600_000, -4_000, 4_000, 3_600_000])),
  'client disk full': (on) => set(on, on.client.disk, { trouble: 'full' }, { trouble: undefined }),
  'client disk broken': (on) => set(on, on.client.disk, { trouble: 'broken' }, { trouble: undefined }),
  'sign-in down': (on) => set(on, on.signIn, { trouble: 'down' }, { trouble: undefined }),
  'hub crash': ({ hub, chance, later }) => {
    const acts = chance.below(20)
    hub.kill(acts)
    later(acts > 0 ? 2_000 : 0, () => {
      hub.kill()
      later(chance.pick([0, 300, 5_000]), () => hub.start())
    })
  },
  'hub restart': ({ hub }) => hub.restart(),
  'hub clock jumped': ({ hub, chance }) => hub.clock(chance.pick([-5_000, 5_000, 60_000])),
  'store outage': (on) => set(on, on.hub.disk, { down: true }, { down: false }),
  'slow store': (on) => set(on, on.hub.disk, { latency: 400 }, { latency: 3 }),
  'provider outage': (on) => set(on, on.provider, { down: true }, { down: false }),
  'lossy fan-out': (on) =>
    set(
      on,
      on.provider,
      { lost: 0.05 + on.chance.next() * 0.25, doubled: on.chance.next() * 0.2, late: on.chance.next() * 0.3 },
      { lost: 0, doubled: 0, late: 0 },
    ),
  'backup restored': ({ hub }) => hub.restore(),
  'hub disk lost': ({ hub }) => hub.lose(),
}
