import { createTcpProxy, eventually, type TcpProxy, until } from '@syncline/testing'
import { type Chance, createChance } from '@syncline/testing/simulation'
import { describe, expect, test, vi } from 'vitest'
import { createHouse, type Provider, type Window } from '../four-providers/house.ts'
import { createHubEnvironment } from './hub-environment.ts'
import { mend, networkFaults } from './network-faults.ts'
import { createWitness, expectTruth } from './truth.ts'

/** How often each fault befalls each stretch of network. */
const rounds = 6
/** Milliseconds: a silent link is given up after two. */
const heartbeat = 500

// They wait most of the time.
vi.setConfig({ maxConcurrency: 8 })

type Stretch = 'client to hub' | 'client to provider' | 'hub to provider'
const ways: readonly (readonly [Provider, Stretch])[] = [
  ['socket.io', 'client to hub'],
  ['sse', 'client to hub'],
  ['pusher', 'client to hub'],
  ['pusher', 'client to provider'],
  ['pusher', 'hub to provider'],
  ['ably', 'client to hub'],
  ['ably', 'client to provider'],
  ['ably', 'hub to provider'],
]
const cases = ways.flatMap(([provider, stretch]) =>
  Object.keys(networkFaults).map((fault) => ({ provider, stretch, fault })),
)

/** A link to Pusher that went silent is given up after half a minute by default; and Ably's text is that of browsers. */
const sdk: Partial<Record<Provider, object>> = {
  pusher: { activityTimeout: 1_000, pongTimeout: 500 },
  ably: { useBinaryProtocol: false },
}

/** Moments in the life of one of the writes that are on their way, and when others' messages come. */
const moments = ['queued', 'sent', 'accepted', 'applied'] as const

/** Writes while the fault comes again and again, each time at another moment. */
const befall = async (
  windows: readonly [Window, Window],
  say: (window: Window) => ReturnType<Window['say']>,
  fault: () => Promise<void>,
  again: () => void,
  chance: Chance,
) => {
  const [ada, grace] = windows
  for (let round = 0; round < rounds; round++) {
    const writes = [ada, grace, ada, ada].map(say)
    const moment = moments.indexOf(chance.pick(moments))
    await until(
      chance.pick([writes[0]!, writes[2]!, writes[3]!]).status$,
      ({ at }) => moments.indexOf(at as (typeof moments)[number]) >= moment,
      { what: `A write ${moments[moment]} in round ${round}`, timeout: 30_000 },
    )
    let befallen = false
    const happens = fault().then(() => {
      befallen = true
    })
    await Promise.race([happens, say(ada).result])
    // A link on which nothing goes this way but its beginning.
    if (!befallen) again()
    await happens
    say(grace)
  }
}

describe.concurrent('a bad network', () => {
  test.for(cases)(
    'loses, doubles and reorders nothing: $provider, $stretch, $fault',
    { timeout: 240_000 },
    async ({ provider, stretch, fault }, { onTestFinished }) => {
      const chance = createChance(ways.findIndex((way) => way[0] === provider && way[1] === stretch) + 1)
      const house = await createHouse(onTestFinished)
      const service = provider === 'pusher' || provider === 'ably' ? provider : undefined
      const beyond = service && (await createTcpProxy({ target: () => house.managed[service].port }))
      onTestFinished(async () => beyond?.close())
      const managed =
        service && beyond
          ? { ...house.managed, [service]: { ...house.managed[service], port: beyond.port } }
          : house.managed
      // Short pauses after a provider's failures: they are drawn between nothing and half a minute.
      const environment = { ...createHubEnvironment(), random: () => 0.05 * chance.next() }
      await house.start(undefined, { heartbeat, managed, environment })
      const ada = await house.open(provider, { identity: 'ada', sdk: sdk[provider] })
      const grace = await house.open('socket.io', { identity: 'grace' })
      await Promise.all([ada.live(), grace.live()])
      const stretches: Record<Stretch, TcpProxy | undefined> = {
        'client to hub': ada.network.hub,
        'client to provider': ada.network.provider,
        'hub to provider': beyond,
      }
      const proxy = stretches[stretch]!
      const witness = createWitness(house)
      let said = 0
      const say = (window: Window) => {
        const text = `${window.name} ${++said}`
        return witness.watch(text, window.say(text))
      }
      const happens = () => networkFaults[fault]!(proxy, chance)
      await befall([ada, grace], say, happens, () => proxy.cut(), chance)
      mend(proxy)
      await expectTruth(house, [ada, grace], witness)
      // What a write says last is not proof that the next one passes.
      const last = [say(ada), say(grace)]
      await Promise.all(last.map(({ result }) => result))
      await expectTruth(house, [ada, grace], witness)
      await eventually(() => ada.client.outbox.pending$.get().length === 0)
      expect(ada.errors().map(({ code }) => code)).not.toContain('unexpected')
    },
  )
})
