import { defer, Observable, type ObservableInput, type OperatorFunction, Subscription } from 'rxjs'
import { createDefaultEnvironment } from '../environment/default-environment.ts'
import type { Environment } from '../environment/environment.ts'
import { createSequenceBuffer, type SequenceBuffer } from './sequence-buffer.ts'

/** What `inOrder` emits: an item in its turn, or the notice that a range will not come. */
export type Ordered<T> =
  | { readonly type: 'item'; readonly item: T }
  /** Nothing between `after` and `before` (both exclusive) came in time; `error`: why fetching it failed. */
  | { readonly type: 'gap'; readonly after: number; readonly before: number; readonly error?: unknown }

export interface InOrderOptions<T> {
  /** The item's number; consecutive items have consecutive whole numbers. */
  readonly seq: (item: T) => number
  /** The first number that is expected. Default: that of the first item. */
  readonly start?: number
  /** How many early items are held at most. When full, the gap is given up at once. Default 1,000. */
  readonly bound?: number
  /** How long a gap may stay before it is fetched or given up, in milliseconds. Default 1,000. */
  readonly timeout?: number
  /** Fetches what lies between `after` and `before` (both exclusive), in one page or several. */
  readonly fetchMissing?: (after: number, before: number) => ObservableInput<readonly T[]>
  /** Where timers come from. Default: the platform's. */
  readonly environment?: Pick<Environment, 'setTimer'>
}

/**
 * Emits items by their numbers: drops duplicates, holds early ones, asks `fetchMissing` for a gap that stays,
 * and says what will not come before it goes on.
 *
 * @example
 * events$.pipe(inOrder({ seq: (event) => event.n, fetchMissing: (after) => fetchEvents(after) }))
 *   .subscribe((next) => (next.type === 'item' ? show(next.item) : warn(next.after, next.before)))
 */
export const inOrder =
  <T>(options: InOrderOptions<T>): OperatorFunction<T, Ordered<T>> =>
  (source) =>
    new Observable((subscriber) => {
      const { seq, bound = 1_000, timeout = 1_000, fetchMissing } = options
      const environment = options.environment ?? createDefaultEnvironment()
      let buffer: SequenceBuffer<T> | undefined =
        options.start === undefined ? undefined : createSequenceBuffer(bound, options.start)
      let repair: Subscription | undefined
      let done = false

      const emit = (ready: readonly T[]): void => {
        for (const item of ready) subscriber.next({ type: 'item', item })
      }
      const endRepair = (): void => {
        repair?.unsubscribe()
        repair = undefined
      }
      const take = (held: SequenceBuffer<T>, item: T): void => {
        const ready: T[] = []
        if (held.offer(seq(item), item, ready) === 'full') {
          giveUp(held)
          take(held, item)
          return
        }
        emit(ready)
      }
      const giveUp = (held: SequenceBuffer<T>, failure?: { readonly error: unknown }): void => {
        endRepair()
        const before = held.firstHeld()
        if (before === undefined) return
        subscriber.next({ type: 'gap', after: held.next - 1, before, ...failure })
        const ready: T[] = []
        held.skipTo(before, ready)
        emit(ready)
      }
      const fetch = (held: SequenceBuffer<T>, missing: NonNullable<typeof fetchMissing>): void => {
        const before = held.firstHeld()
        if (before === undefined) return
        const after = held.next - 1
        repair = new Subscription()
        const fetching = repair
        const settle = (failure?: { readonly error: unknown }): void => {
          if (repair !== fetching) return
          if (held.next <= before) giveUp(held, failure)
          else endRepair()
          check(held)
        }
        const missed = defer(() => missing(after, before))
        fetching.add(
          missed.subscribe({
            next: (page) => {
              for (const item of page) if (repair === fetching) take(held, item)
            },
            error: (error) => settle({ error }),
            complete: () => settle(),
          }),
        )
      }
      const wait = (held: SequenceBuffer<T>): Subscription => {
        const cancel = environment.setTimer(done ? 0 : timeout, () => {
          repair = undefined
          if (fetchMissing) fetch(held, fetchMissing)
          else giveUp(held)
          check(held)
        })
        return new Subscription(cancel)
      }
      const check = (held: SequenceBuffer<T>): void => {
        if (held.size === 0) endRepair()
        else if (done && !fetchMissing) giveUpAll(held)
        else repair ??= wait(held)
        if (done && held.size === 0 && !repair) subscriber.complete()
      }
      const giveUpAll = (held: SequenceBuffer<T>): void => {
        while (held.size > 0) giveUp(held)
      }

      subscriber.add(endRepair)
      subscriber.add(
        source.subscribe({
          next: (item) => {
            try {
              buffer ??= createSequenceBuffer(bound, seq(item))
              take(buffer, item)
              check(buffer)
            } catch (error) {
              subscriber.error(error)
            }
          },
          error: (error) => subscriber.error(error),
          complete: () => {
            done = true
            if (buffer) check(buffer)
            else subscriber.complete()
          },
        }),
      )
    })
