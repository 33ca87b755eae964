/**
 * A client with its outbox in an SQLite file. It says `saved <line>` once a write is in its outbox, `accepted <line>`,
 * and `other <line> <status>` of what should never be; and it does what it is told: `say <line>`,
 * `fill <path>`, `free <path>`, and `jump <milliseconds>` for its clock.
 */
import { createClient, createDefaultEnvironment } from '@syncline/core'
import { channelPresence } from '@syncline/core/presence'
import { sqliteStorage } from '@syncline/core/sqlite'
import { room } from '../four-providers/room.ts'
import { type Provider, transports, type Way } from '../four-providers/room-transports.ts'
import { createClock } from './clock.ts'
import { obey, room as roomOnDisk, tell } from './commands.ts'

export interface ClientProcessSettings {
  readonly provider: Provider
  readonly way: Way
  readonly file: string
  /** Milliseconds for which a token holds; it names its end. Default: for ever. */
  readonly tokenLife?: number
}

const { provider, way, file, tokenLife }: ClientProcessSettings = JSON.parse(process.argv[2]!)
const clock = createClock()
const client = createClient({
  transport: transports[provider](way),
  environment: { ...createDefaultEnvironment(), now: clock.now },
  storage: sqliteStorage(file),
  identity: 'ada',
  // Its server has the right time.
  token: () =>
    tokenLife
      ? { token: `ada ${Date.now() + tokenLife}`, expiresAt: clock.now() + tokenLife }
      : { token: 'ada' },
  backoff: { firstDelay: 50, cap: 500 },
  attemptTimeout: 5_000,
})
client.status$.subscribe(({ at }) => tell(`status ${at}`))
client.errors$.subscribe(({ code }) => tell(`error ${code}`))
const channel = client.channel(room, { id: 1 })
channel.missed$.subscribe(() => tell('missed'))
channel.state$.subscribe(({ phase }) => tell(`channel ${phase}`))
const presence = channelPresence(channel)
presence.enter({ name: 'ada' })
channel.messages$.subscribe(({ data }) => tell(`heard ${(data as { readonly id: string }).id}`))

const say = (id: string) => {
  const receipt = channel.mutate('line:say', { id, text: id })
  receipt.status$.subscribe((status) => {
    const { at } = status
    if (at === 'queued') tell(status.durable ? `saved ${id}` : `other ${id} volatile`)
    else if (at === 'accepted' || at === 'failed' || at === 'parked')
      tell(`${at} ${id}${'error' in status ? ` ${status.error.code}` : ''}`)
  })
}
obey({ ...roomOnDisk, say, jump: (milliseconds) => clock.jump(Number(milliseconds)) })
tell('ready')
