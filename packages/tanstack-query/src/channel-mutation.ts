import type {
  AnyContract,
  ChannelHandle,
  MutationInput,
  MutationName,
  MutationResult,
  Receipt,
  SynclineError,
} from '@syncline/core'
import type { MutationOptions } from '@tanstack/query-core'

/** Options of {@link channelMutation}. */
export interface ChannelMutationOptions<Input> {
  /**
   * What the mutation waits for: `queued` (in the durable outbox; works offline, and the data is the receipt),
   * `accepted` (committed by the hub) or `applied` (its effects have arrived; a client that is closed after the
   * write was accepted is not waited for). Default `accepted`.
   */
  readonly until?: 'queued' | 'accepted' | 'applied'
  /** Writes with the same key, an entity's id for instance, go in order. Default: none. */
  readonly key?: (input: Input) => string
}

/** What {@link channelMutation} returns: options for `useMutation` of any TanStack Query. */
export interface ChannelMutation<Data, Input> extends MutationOptions<Data, SynclineError, Input> {
  readonly mutationFn: (input: Input) => Promise<Data>
  readonly networkMode: 'always'
  readonly retry: false
}

/**
 * A mutation of a channel for `useMutation`. The outbox takes the write also when offline and sends it until it is
 * accepted, so TanStack neither pauses nor retries it. Fails with a `SynclineError` when the write is parked,
 * discarded or could not be stored, and with `closed` when the client is closed before it is accepted.
 *
 * @example
 * const create = useMutation(channelMutation(channel, 'todo:create', { key: (todo) => todo.id }))
 */
export function channelMutation<C extends AnyContract, M extends MutationName<C>>(
  channel: ChannelHandle<C>,
  mutation: M,
  options: ChannelMutationOptions<MutationInput<C, M>> & { readonly until: 'queued' },
): ChannelMutation<Receipt<MutationResult<C, M>>, MutationInput<C, M>>
export function channelMutation<C extends AnyContract, M extends MutationName<C>>(
  channel: ChannelHandle<C>,
  mutation: M,
  options?: ChannelMutationOptions<MutationInput<C, M>>,
): ChannelMutation<MutationResult<C, M>, MutationInput<C, M>>
export function channelMutation(
  channel: ChannelHandle<AnyContract>,
  mutation: string,
  { until = 'accepted', key }: ChannelMutationOptions<unknown> = {},
  // biome-ignore lint/suspicious/noExplicitAny: the overloads say it
): ChannelMutation<any, any> {
  return {
    networkMode: 'always',
    retry: false,
    mutationFn: async (input) => {
      const receipt = channel.mutate(mutation, input, key && { key: key(input) })
      await (until === 'queued' ? receipt.saved : receipt.result)
      if (until === 'queued') return receipt
      // Accepted is followed by applied and by nothing else.
      if (until === 'applied')
        await new Promise<void>((resolve) => {
          receipt.status$.subscribe({ next: ({ at }) => at === 'applied' && resolve(), complete: resolve })
        })
      return receipt.result
    },
  }
}
