// Many real clients in one process. Arguments: provider, port, how many.
import { type Client, createClient, type Transport } from '@syncline/core'
import { socketIo } from '@syncline/socket-io'
import { sse } from '@syncline/sse'
import { serveCalls } from '../process/serve-calls.ts'
import { clock } from '../process/usage.ts'
import { feed } from '../servers/contract.ts'

const [provider, port, count] = process.argv.slice(2)
const url = `http://127.0.0.1:${port}`

/** When a client made its attempts, in microseconds. */
const attempts: number[][] = []
const next: number[] = []
const mistakes: string[] = []
const clients: Client[] = []

const connect = (transport: Transport, own: number[]): Transport => ({
  ...transport,
  open: (environment) => {
    const session = transport.open(environment)
    return {
      ...session,
      attempt: (opening) => {
        own.push(clock())
        return session.attempt(opening)
      },
    }
  },
})

const open = async (index: number): Promise<void> => {
  const own: number[] = []
  attempts[index] = own
  next[index] = 0
  const transport = provider === 'sse' ? sse(`${url}/syncline`) : socketIo(url)
  const client = createClient({ transport: connect(transport, own) })
  const channel = client.channel(feed)
  clients.push(client)
  channel.missed$.subscribe(() => mistakes.push(`client ${index} missed messages`))
  channel.on('message', ({ n }) => {
    if (n !== next[index]) mistakes.push(`client ${index} got ${n} where ${next[index]} was next`)
    next[index] = n + 1
  })
  await new Promise<void>((resolve) => {
    channel.state$.subscribe(({ phase }) => phase === 'live' && resolve())
  })
}
for (let index = 0; index < Number(count); index++) await open(index)

const methods = {
  /** How many clients have all messages up to this one. */
  complete: (total: number): number => next.filter((n) => n === total).length,
  connected: (): number => clients.filter(({ status$ }) => status$.get().at === 'connected').length,
  mistakes: (): readonly string[] => mistakes,
  /** The attempts of each client after this time, oldest first. */
  attemptsSince: (time: number): readonly (readonly number[])[] =>
    attempts.map((own) => own.filter((at) => at > time)),
}
export type ManyClientsMethods = typeof methods
serveCalls(methods)
