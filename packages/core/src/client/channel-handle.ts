import { filter, map, mergeMap, Observable } from 'rxjs'
import type { ChannelLog, Message } from '../channel/channel.ts'
import type { AnyContract } from '../contract/channel-contract.ts'
import type { NewWrite, Outbox } from '../outbox/outbox.ts'
import { type ViewSource, viewSource } from '../view/view-source.ts'
import type { ChannelHandle, WriteOptions } from './client.ts'

/** The public face of one channel: what the app does with it goes to the log and to the outbox. */
export const createChannelHandle = (
  contract: AnyContract,
  log: ChannelLog,
  outbox: Outbox,
  source: ViewSource,
): ChannelHandle<AnyContract> => {
  const { name } = log
  const messages$ = new Observable<Message>((subscriber) =>
    log.occurrences$.subscribe((occurrence) => {
      if (occurrence.type === 'batch')
        for (const message of occurrence.batch.messages) subscriber.next(message)
    }),
  )
  const eventMessages$ = (event: string) => messages$.pipe(filter((message) => message.event === event))

  const on = (event: string, listener?: (data: unknown, message: Message) => void) => {
    if (!listener) return eventMessages$(event).pipe(map(({ data }) => data))
    const subscription = eventMessages$(event).subscribe((message) => listener(message.data, message))
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
    const subscription = outbox.results$
      .pipe(filter((answer) => answer.channel === name && answer.name === mutation))
      .subscribe(({ result, data, id }) => listener(result, data, id))
    return () => subscription.unsubscribe()
  }

  const handle = {
    name,
    contract,
    state$: log.state$,
    errors$: log.errors$,
    missed$: log.occurrences$.pipe(
      mergeMap((occurrence) => (occurrence.type === 'missed' ? [occurrence.missed] : [])),
    ),
    messages$,
    outbox,
    pending$: source.pending$,
    on,
    mutate: (mutation: string, input: unknown, options?: WriteOptions) =>
      write('mutate', mutation, input, options),
    publish: (event: string, data: unknown, options?: WriteOptions) => write('publish', event, data, options),
    onResult,
    [viewSource]: source,
  }
  return handle as unknown as ChannelHandle<AnyContract>
}
