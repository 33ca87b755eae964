'use client'
import type {
  AnyContract,
  ChannelHandle,
  MutationInput,
  MutationName,
  MutationResult,
  Receipt,
  WriteOptions,
} from '@syncline/core'
import { useCallback } from 'react'

/**
 * A function that makes a write and returns its receipt; the same function in each render.
 *
 * @example
 * const create = useMutate(channel, 'todo:create')
 * <button onClick={() => create({ id: crypto.randomUUID(), text })}>Add</button>
 */
export const useMutate = <C extends AnyContract, M extends MutationName<C>>(
  channel: ChannelHandle<C>,
  mutation: M,
): ((input: MutationInput<C, M>, options?: WriteOptions) => Receipt<MutationResult<C, M>>) =>
  useCallback((input, options) => channel.mutate(mutation, input, options), [channel, mutation])
