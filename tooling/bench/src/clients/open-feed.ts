import { createClient, type Transport } from '@syncline/core'
import { filter, firstValueFrom } from 'rxjs'
import { feed } from '../servers/contract.ts'
import type { BenchMessage } from '../servers/message.ts'

/** A client of the hub whose listener gets what is published on `feed`; resolves once the channel is live. */
export const openFeed = async (
  transport: Transport,
  onMessage: (message: BenchMessage) => void,
): Promise<void> => {
  const channel = createClient({ transport }).channel(feed)
  channel.on('message', onMessage)
  // Not watched from then on: no baseline watches a state either.
  await firstValueFrom(channel.state$.pipe(filter(({ phase }) => phase === 'live')))
}
