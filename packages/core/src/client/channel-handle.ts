import { Observable, type Subscriber } from 'rxjs'
import type { ChannelLog, ChannelOccurrence, Message, Missed } from '../channel/channel.ts'
import type { AnyContract } from '../contract/channel-contract.ts'
import { SynclineError } from '../errors/syncline-error.ts'
import type { NewWrite, Outbox, WriteResult } from '../outbox/outbox.ts'
import { type PresenceSource, presenceSource } from '../presence/presence-source.ts'
import { direct } from '../state/direct.ts'
import { usedState } from '../state/used-state.ts'
import { type ViewSource, viewSource } from '../view/view-source.ts'
import type { ChannelHandle, WriteOptions } from './client.ts'

/** A stream made from another by what `handle` does with each of its values. (rxjs' operators would cost 2 kB here.) */
const derive = <In, Out>(source$: Observable<In>, handle: (to: Subscriber<Out>) => (value: In) => void) =>
  new Observable<Out>((subscriber) => source$.subscribe(direct(handle(subscriber), subscriber)))

/**
 * The public face of one channel: what the app does with it goes to the log and to the outbox.
 *
 * @param use runs when the app looks at what the outbox knows: it has to be read for that.
 */
export const createChannelHandle = (
  contract: AnyContract,
  log: ChannelLog,
  outbox: Outbox,
  source: ViewSource & PresenceSource,
  use: () => void,
): ChannelHandle<AnyContract> => {
  const { name } = log
  const messages$ = derive<ChannelOccurrence, Message>(log.occurrences$, (to) => (occurrence) => {
    if (occurrence.type === 'batch') for (const message of occurrence.batch.messages) to.next(message)
  })
  const missed$ = derive<ChannelOccurrence, Missed>(log.occurrences$, (to) => (occurrence) => {
    if (occurrence.type === 'missed') to.next(occurrence.missed)
  })

  const on = (event: string, listener?: (data: unknown, message: Message) => void) => {
    if (!Object.hasOwn(contract.definition.events, event))
      throw new SynclineError('unknown-event', { detail: `"${event}"`, channel: name })
    if (!listener)
      return derive<Message, unknown>(messages$, (to) => (message) => {
        if (message.event === event) to.next(message.data)
      })
    const subscription = messages$.subscribe((message) => {
      if (message.event === event) listener(message.data, message)
    })
    return () => subscription.unsubscribe()
  }
  const write = (kind: NewWrite['kind'], event: string, data: unknown, options: WriteOptions = {}) =>
    outbox.add({
      channel: name,
      kind,
      name: event,
      data,
      key: options.key,
      contractVersion: contract.version,
    })

  const onResult = (
    mutation: string,
    listener: (result: unknown, input: unknown, writeId: string) => void,
  ) => {
    const subscription = outbox.results$.subscribe((answer: WriteResult) => {
      if (answer.channel === name && answer.name === mutation) listener(answer.result, answer.data, answer.id)
    })
    return () => subscription.unsubscribe()
  }

  const handle = {
    name,
    contract,
    state$: usedState(log.state$, use),
    errors$: log.errors$,
    missed$,
    messages$,
    outbox,
    pending$: usedState(source.pending$, use),
    on,
    mutate: (mutation: string, input: unknown, options?: WriteOptions) =>
      write('mutate', mutation, input, options),
    publish: (event: string, data: unknown, options?: WriteOptions) => write('publish', event, data, options),
    onResult,
    [viewSource]: source,
    [presenceSource]: source,
  }
  return handle as unknown as ChannelHandle<AnyContract>
}
