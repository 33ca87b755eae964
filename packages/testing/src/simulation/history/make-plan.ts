import { type Chance, createChance } from '../chance.ts'
import { addAnonymous } from './add-anonymous.ts'
import { addDiskFaults } from './add-disk-faults.ts'
import { addEarliest } from './add-earliest.ts'
import { addOdd } from './add-odd.ts'
import { addTakenLease } from './add-taken-lease.ts'
import type { How } from './app.ts'
import type { HubSettings } from './hub-host.ts'
import type { Plan } from './plan.ts'
import type { Step } from './steps.ts'

const people = ['ada', 'bob', 'eve']

type Weighted = readonly (readonly [weight: number, make: () => Omit<Step, 'after'>])[]

const pickWeighted = (chance: Chance, choices: Weighted): Omit<Step, 'after'> => {
  const total = choices.reduce((sum, [weight]) => sum + weight, 0)
  let left = chance.next() * total
  for (const [weight, make] of choices) {
    left -= weight
    if (left < 0) return make()
  }
  return (choices.at(-1) as Weighted[number])[1]()
}

/** Mostly at once, sometimes after a pause in which things time out. */
const pauseOf = (chance: Chance): number => {
  const kind = chance.next()
  if (kind < 0.5) return chance.below(40)
  if (kind < 0.8) return 40 + chance.below(500)
  return kind < 0.95 ? 500 + chance.below(5_000) : 5_000 + chance.below(30_000)
}

const hubSettings = (chance: Chance): HubSettings => ({
  heartbeat: chance.pick([5_000, 15_000]),
  grace: chance.pick([3_000, 10_000]),
  retention: chance.happens(0.4) ? chance.between(3, 12) : 1_000,
  handlerTimeout: 3_000,
  laterSchemas: chance.happens(0.3),
  limits: chance.happens(0.5)
    ? {
        writesInFlight: chance.between(2, 6),
        pageMessages: chance.between(2, 6),
        fanOutMessages: chance.between(2, 8),
        recentMessages: chance.between(4, 10),
        idleChannels: 1,
        streams: 8,
        bufferedBytes: 2_000,
        cutBytes: 8_000,
        slowFor: 3_000,
      }
    : {},
})

/** The plan of a seed: the same on every machine. */
export const makePlan = (seed: number): Plan => {
  const chance = createChance(seed).fork('plan')
  const devices = Array.from({ length: chance.between(1, 3) }, () => ({
    locks: chance.happens(0.3) ? ('lease' as const) : ('queue' as const),
  }))
  const tabs = Array.from({ length: chance.between(2, 4) }, (_, index) => ({
    device: index === 0 ? 0 : chance.below(devices.length),
    person: chance.pick(people),
    provider: chance.happens(0.5) ? ('direct' as const) : ('lossy' as const),
    version: 1 as const,
    inMemory: chance.happens(0.08),
    skew: chance.happens(0.15) ? chance.pick([-3_600_000, -5_000, 5_000, 3_600_000]) : 0,
    joins: ['list/a', ...(chance.happens(0.4) ? ['feed'] : []), ...(chance.happens(0.3) ? ['list/b'] : [])],
    enters: chance.happens(0.5),
  }))
  const lossy = chance.happens(0.7)
  const made = [
    ...makeSteps(chance.fork('steps'), tabs.length, devices.length),
    ...makeSetback(chance.fork('setback')),
  ]
  const limited = addEarliest(made, chance.fork('earliest'))
  const steps = addOdd(addDiskFaults(limited, chance.fork('disk faults')), chance.fork('odd'))
  const plan: Plan = {
    seed,
    hub: hubSettings(chance),
    devices,
    tabs,
    provider: {
      lost: lossy ? 0.05 + chance.next() * 0.25 : 0,
      doubled: lossy ? chance.next() * 0.2 : 0,
      late: lossy ? chance.next() * 0.3 : 0,
    },
    tokenLife: chance.happens(0.25) ? chance.between(20, 60) * 1_000 : undefined,
    linger: chance.pick([0, 1_000, 5_000]),
    bufferMessages: chance.pick([4, 1_000]),
    steps,
  }
  const taken = addTakenLease(plan, chance.fork('taken lease'))
  return addAnonymous(taken, people, chance.fork('anonymous'))
}

/**
 * The log is set back while it is written, in some histories: what it goes on with soon has the numbers that clients
 * expect next.
 */
const makeSetback = (chance: Chance): Step[] => {
  if (!chance.happens(0.15)) return []
  const publishes = (most: number): Step[] =>
    Array.from({ length: chance.between(1, most) }, () => ({
      after: 30 + chance.below(300),
      do: 'backend-publish',
      channel: 'list/a',
    }))
  return [
    { after: pauseOf(chance), do: 'backup' },
    ...publishes(3),
    { after: 100 + chance.below(500), do: 'restore' },
    { after: 400, do: 'backend-publish', channel: 'list/a' },
    ...publishes(5),
  ]
}

const makeSteps = (chance: Chance, tabs: number, devices: number): Step[] => {
  const tab = (): number => chance.below(tabs)
  const ms = (): number => chance.pick([200, 1_000, 4_000, 12_000, 40_000])
  const channel = (): string => {
    const kind = chance.next()
    if (kind < 0.5) return 'list/a'
    if (kind < 0.65) return 'list/b'
    return kind < 0.85 ? 'feed' : 'own'
  }
  const list = (): string => (chance.happens(0.8) ? 'list/a' : 'list/b')
  const how = (): How =>
    chance.happens(0.5)
      ? 'one'
      : chance.pick([
          'one',
          'three',
          'three',
          'none',
          'elsewhere',
          'both',
          'reject',
          'later',
          'throw',
          'slow',
          'slow',
          'hang',
        ])
  const key = () => (chance.happens(0.4) ? { key: `k${chance.below(2)}` } : {})
  const person = (): string => chance.pick(people)

  const app: Weighted = [
    [12, () => ({ do: 'mutate', tab: tab(), channel: channel(), how: how(), ...key() })],
    [3, () => ({ do: 'publish', tab: tab(), channel: channel(), ...key() })],
    [1.5, () => ({ do: 'join', tab: tab(), channel: chance.happens(0.1) ? `own/${person()}` : channel() })],
    [1, () => ({ do: 'leave', tab: tab(), channel: channel() })],
    [
      4,
      () => ({
        do: 'presence',
        tab: tab(),
        list: list(),
        act: chance.pick(['enter', 'enter', 'update', 'update', 'exit', 'typing', 'cursor']),
      }),
    ],
    [0.7, () => ({ do: 'close', tab: tab() })],
    [1.5, () => ({ do: 'open', tab: tab() })],
    [1, () => ({ do: 'retry', tab: tab() })],
    [0.8, () => ({ do: 'discard', tab: tab(), which: chance.pick(['parked', 'pending']) })],
    [0.3, () => ({ do: 'sign-out', tab: tab(), discardWrites: chance.happens(0.3) })],
    [1, () => ({ do: 'backend-publish', channel: chance.pick(['list/a', 'feed']) })],
    [0.2, () => ({ do: 'revoke', person: person(), ...(chance.happens(0.5) && { channel: 'list/a' }) })],
  ]
  const faults: Weighted = [
    [
      3,
      () => ({
        do: 'crash',
        tab: tab(),
        acts: chance.below(12),
        reopenAfter: chance.pick([0, 300, 5_000, 20_000]),
      }),
    ],
    [0.7, () => ({ do: 'sleep', tab: tab(), ms: chance.pick([3_000, 20_000, 60_000]) })],
    [0.7, () => ({ do: 'duplicate', tab: tab(), of: tab() })],
    [0.5, () => ({ do: 'identity', tab: tab(), person: person(), signsOut: chance.happens(0.5) })],
    [0.7, () => ({ do: 'provider', tab: tab(), provider: chance.pick(['direct', 'lossy']) })],
    [0.4, () => ({ do: 'upgrade', tab: tab() })],
    [0.4, () => ({ do: 'clock', tab: tab(), ms: chance.pick([-3_600_000, -4_000, 4_000, 3_600_000]) })],
    [0.4, () => ({ do: 'offline', tab: tab(), ms: ms() })],
    [
      0.7,
      () => ({
        do: 'disk',
        device: chance.below(devices),
        trouble: chance.pick(['full', 'full', 'broken']),
        ms: ms(),
      }),
    ],
    [3, () => ({ do: 'cut', tab: tab() })],
    [
      1.5,
      () => ({
        do: 'half-open',
        tab: tab(),
        ...(chance.happens(0.5) && { direction: chance.pick(['up', 'down'] as const) }),
      }),
    ],
    [
      1,
      () => ({
        do: 'partition',
        tabs: Array.from({ length: tabs }, (_, index) => index).filter(() => chance.happens(0.6)),
        door: chance.pick(['refusing', 'void']),
        ms: ms(),
      }),
    ],
    [0.7, () => ({ do: 'slow-reader', tab: tab(), rate: chance.pick([0.05, 0.5, 3]), ms: ms() })],
    [0.5, () => ({ do: 'latency', tab: tab(), latency: chance.pick([0, 300, 2_000]), ms: ms() })],
    [0.6, () => ({ do: 'provider-outage', ms: ms() })],
    [0.6, () => ({ do: 'sign-in', trouble: chance.pick(['down', 'hangs', 'stale', 'other']), ms: ms() })],
    [2.5, () => ({ do: 'hub-crash', acts: chance.below(15), downFor: chance.pick([0, 200, 2_000, 20_000]) })],
    [0.8, () => ({ do: 'hub-restart', version: chance.pick([1, 2]) })],
    [0.4, () => ({ do: 'hub-rival' })],
    [0.3, () => ({ do: 'hub-clock', ms: chance.pick([-60_000, -4_000, 4_000, 60_000]) })],
    [0.9, () => ({ do: 'store-outage', ms: ms() })],
    [0.5, () => ({ do: 'slow-store', latency: chance.pick([50, 500, 2_000]), ms: ms() })],
    [0.8, () => ({ do: 'backup' })],
    [1, () => ({ do: 'restore' })],
    [0.25, () => ({ do: 'disk-lost' })],
  ]
  // Each history has some of the faults, so that the others do not hide what these do.
  const some = faults.filter(() => chance.happens(0.4))
  const share = some.length === 0 ? 0 : 0.15 + chance.next() * 0.35
  return Array.from(
    { length: chance.between(15, 45) },
    () => ({ after: pauseOf(chance), ...pickWeighted(chance, chance.happens(share) ? some : app) }) as Step,
  )
}
