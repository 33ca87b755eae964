import { type AnyContract, type Position, SynclineError } from '@syncline/core'
import type { CommitJob, Committer } from '../commit/committer.ts'
import type { Append } from '../commit/message-draft.ts'
import { isPromise } from '../environment/is-promise.ts'
import { type PublishContext, Publisher } from '../mutation/publisher.ts'
import type { Elsewhere } from '../snapshot/elsewhere.ts'

/** Publishes of the backend that may wait for their commit; more are refused with `too-many-writes`. */
const mostPending = 65_536

const jobOf = (
  appends: readonly Append[],
  resolve: (position: Position) => void,
  reject: (error: unknown) => void,
): CommitJob => ({
  plan: () => ({ appends }),
  settled: (outcome) => {
    const appended = outcome.ok ? outcome.appended[0] : undefined
    const last = appended?.messages.at(-1)
    if (appended && last) resolve({ epoch: appended.epoch, seq: last.seq })
    else reject(new SynclineError('store-unavailable', { cause: outcome.ok ? undefined : outcome.error }))
  },
  failed: (cause) => reject(new SynclineError('store-unavailable', { cause })),
})

/** `hub.publish`: what is called first is first in the log, also where a schema takes its time. */
export const createPublish = (options: {
  readonly context: PublishContext
  readonly committer: Committer
  readonly elsewhere: Elsewhere
  readonly ready: Promise<void>
  readonly isReady: () => boolean
}): ((contract: AnyContract, message: readonly unknown[]) => Promise<Position>) => {
  const { context, committer, elsewhere, ready, isReady } = options
  /** The last publish that waits before its commit, for each contract. */
  const tails = new Map<AnyContract, Promise<unknown>>()
  let pending = 0

  const commit = (appends: readonly Append[]): Promise<Position> =>
    new Promise((resolve, reject) => {
      const phase = elsewhere.begin()
      const resolved = (position: Position): void => {
        elsewhere.end(phase)
        resolve(position)
      }
      const rejected = (error: unknown): void => {
        elsewhere.end(phase)
        reject(error)
      }
      committer.submit(jobOf(appends, resolved, rejected))
    })

  const inTurn = (
    contract: AnyContract,
    appends: readonly Append[] | Promise<readonly Append[]>,
  ): Promise<Position> => {
    const before = tails.get(contract)
    if (!before && !isPromise(appends) && isReady()) return commit(appends)
    const checked = Promise.all([appends, before, ready])
    const tail = checked.then(
      () => undefined,
      () => undefined,
    )
    tails.set(contract, tail)
    const position = checked.then(([valid]) => commit(valid))
    void tail.then(() => {
      if (tails.get(contract) === tail) tails.delete(contract)
    })
    return position
  }

  return async (contract, message) => {
    if (pending >= mostPending) throw new SynclineError('too-many-writes')
    const publisher = new Publisher(context, undefined)
    publisher.addTo(contract, message)
    pending++
    try {
      return await inTurn(contract, publisher.close())
    } finally {
      pending--
    }
  }
}
