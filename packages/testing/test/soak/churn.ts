/**
 * A hub and its clients on one provider, in a process that is asked for nothing else: clients come and go, channels
 * are used and left, links are cut. Says `report <json>` at its end. Needs `--expose-gc`.
 */
import { createTcpProxy } from '../../src/tcp-proxy.ts'
import { eventually } from '../../src/until.ts'
import { transports } from '../four-providers/room-transports.ts'
import { type Census, grownBy, takeCensus } from './census.ts'
import { letGoOfSdks } from './let-go-of-sdks.ts'
import type { ChurnSettings, SoakReport } from './run-soak.ts'
import { createSoakClients } from './soak-clients.ts'
import { names, startSoakHub } from './soak-hub.ts'

const { provider, managed, chapters, rounds, clients, freshChannels }: ChurnSettings = JSON.parse(
  process.argv[2]!,
)
const patience = { timeout: 30_000 }

/** The hub's ways to its providers, and the clients' to theirs. */
const toPusher = await createTcpProxy({ target: () => managed.pusher.port })
const toAbly = await createTcpProxy({ target: () => managed.ably.port })
const { key, port } = managed[provider === 'ably' ? 'ably' : 'pusher']
const toProvider = await createTcpProxy({ target: () => port })
const hub = await startSoakHub({
  pusher: { ...managed.pusher, port: toPusher.port },
  ably: { ...managed.ably, port: toAbly.port },
})
const toHub = await createTcpProxy({ target: () => hub.port })
const ways = [toHub, toProvider, toPusher, toAbly]
const way = { hub: toHub.url, provider: toProvider.port, key }
const people = createSoakClients(() => transports[provider](way))

const resourcesOf = (kind: string): number =>
  process.getActiveResourcesInfo().filter((each) => each.startsWith(kind)).length

/** The most that was left of each at any time when all was to be at rest. */
const left: Record<string, number> = {}
const note = (counts: Readonly<Record<string, number>>): void => {
  for (const [what, count] of Object.entries(counts)) left[what] = Math.max(left[what] ?? 0, count)
}
const counts = () => ({ ...hub.counts(), ...people.counts() })
const undead = () => ({ ...hub.graveyard.undead(), ...people.graveyard.undead() })
const areZero = (values: Readonly<Record<string, number>>) => Object.values(values).every((n) => n === 0)
const isCollected = (): boolean => {
  globalThis.gc!()
  return areZero(undead())
}
/** Waits for what is to come about; where it does not, that is seen in what is counted. */
const wait = (check: () => boolean) => eventually(check, patience).catch(() => undefined)

/** What there is once everybody has gone. */
const atRest = async (): Promise<Census> => {
  await wait(() => areZero(counts()))
  // Those that `fetch` keeps for the next request.
  for (const each of ways) each.cut()
  await wait(() => resourcesOf('TCPSocket') === 0)
  letGoOfSdks(provider)
  await hub.trim()
  await wait(isCollected)
  note({ ...counts(), ...undead(), sockets: resourcesOf('TCPSocket') })
  return takeCensus()
}

/** Everything, again and again, beside a client that stays, and is then gone as well. */
const chapter = async (): Promise<Census> => {
  const stays = await people.open()
  for (let round = 0; round < rounds; round++) {
    await people.reconnect(stays, () => {
      for (const each of [toHub, toProvider]) each.cut()
    })
    await Promise.all(Array.from({ length: clients }, people.comeAndGo))
    for (let n = 0; n < 3; n++) await people.use(stays, (round * 3 + n) % names)
  }
  // The last channel used, which the hub keeps in mind: the same each time, and nobody writes to it.
  await people.use(stays, 'last')
  await people.left(stays, ['last'])
  await stays.close()
  return atRest()
}

/** What is held for each name of a channel that a client has used: while it lives, and afterwards. */
const useMany = async () => {
  const fresh = Array.from({ length: freshChannels }, (_, n) => `fresh-${n}`)
  const client = await people.open()
  await people.use(client, 'last')
  await people.left(client, ['last'])
  const before = await takeCensus()
  for (const id of fresh) await people.use(client, id)
  await people.use(client, 'last')
  await people.left(client, [...fresh, 'last'])
  const meanwhile = await takeCensus()
  await client.close()
  return grownBy(before, meanwhile, freshChannels)
}

const since = performance.now()
// Node warms up, and what is made once is made.
await chapter()
const censuses: Census[] = []
for (let n = 0; n < chapters; n++) censuses.push(await chapter())
const perName = await useMany()
const perNameAfterwards = grownBy(censuses.at(-1)!, await atRest(), freshChannels)

await hub.kill()
for (const each of ways) await each.close()
await wait(() => resourcesOf('TCP') + resourcesOf('Timeout') + hub.timers() === 0)
note({
  'sockets at the end': resourcesOf('TCP'),
  'timers of the process': resourcesOf('Timeout'),
  'hub timers at its end': hub.timers(),
})
const report: SoakReport = {
  provider,
  clients: people.graveyard.count('client'),
  censuses,
  perName,
  perNameAfterwards,
  left,
  seconds: (performance.now() - since) / 1_000,
}
process.stdout.write(`report ${JSON.stringify(report)}\n`)
