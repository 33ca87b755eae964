/**
 * A client with its outbox in an SQLite file. It says `saved <line>` once a write is in its outbox, `accepted <line>`,
 * and `other <line> <status>` of what should never be; and it does what it is told: `say <line>`,
 * `fill <path>` and `free <path>`.
 */
import { createClient, createDefaultEnvironment } from '@syncline/core'
import { sqliteStorage } from '@syncline/core/sqlite'
import { room } from '../four-providers/room.ts'
import { type Provider, transports, type Way } from '../four-providers/room-transports.ts'
import { obey, room as roomOnDisk, tell } from './commands.ts'

export interface ClientProcessSettings {
  readonly provider: Provider
  readonly way: Way
  readonly file: string
}

const { provider, way, file }: ClientProcessSettings = JSON.parse(process.argv[2]!)
const client = createClient({
  transport: transports[provider](way),
  environment: createDefaultEnvironment(),
  storage: sqliteStorage(file),
  identity: 'ada',
  token: () => 'ada',
  backoff: { firstDelay: 50, cap: 500 },
  attemptTimeout: 2_000,
})
client.status$.subscribe(({ at }) => tell(`status ${at}`))
client.errors$.subscribe(({ code }) => tell(`error ${code}`))
const channel = client.channel(room, { id: 1 })
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
obey({ ...roomOnDisk, say })
tell('ready')
