import type { Commit, CommitOutcome, HubStore } from '../store/hub-store.ts'

/** A commit with what follows from it. What a callback throws is reported and changes nothing for the others. */
export interface CommitJob<Db = unknown> extends Commit<Db> {
  /** It is durable, or `plan` threw and it alone is not there. */
  settled(outcome: CommitOutcome): void
  /** The store refused the group: nothing of it is there. */
  failed(error: unknown): void
}

export type Appended = Extract<CommitOutcome, { ok: true }>['appended']

export interface Committer<Db = unknown> {
  submit(job: CommitJob<Db>): void
  /** From within `settled`: again in the next group, before everything that came later. */
  again(job: CommitJob<Db>): void
  /** Resolves when what was submitted until now is there or refused. */
  passed(): Promise<void>
  /** Resolves when nothing is waiting or on the way. */
  idle(): Promise<void>
}

/**
 * What has waited longest goes on its way while the rest is committed: clients, hub and network work at the same time
 * instead of in turns. So many commits are one transaction at least, if there are as many.
 */
const least = 64
const most = 4_096

/** The commits of the next transaction. Where a disk is waited for, half of them: many share a sync. */
const groupSize = (waiting: number, durable: boolean): number =>
  durable ? Math.min(most, Math.max(least, Math.ceil(waiting / 2))) : least

/**
 * Gathers the commits of one event-loop turn, and those that come while a group is on its way, into one
 * transaction of the store. Nothing leaves the hub that is not in it.
 */
export const createCommitter = <Db>(options: {
  readonly store: HubStore<Db>
  readonly endOfTurn: (callback: () => void) => void
  /** What one commit appended, in the order of the log. */
  readonly applied: (appended: Appended) => void
  /** After the messages of a group were applied, and before its jobs are told. */
  readonly fanOut: () => void
  /** After the jobs of a group were told. */
  readonly answered: () => void
  /** The store took a group. */
  readonly took?: () => void
  readonly broken: (error: unknown, count: number) => void
  /** A callback threw: a bug, reported. */
  readonly threw: (error: unknown) => void
}): Committer<Db> => {
  const { store, endOfTurn, applied, fanOut, answered, took, broken, threw } = options
  let queue: CommitJob<Db>[] = []
  let first: CommitJob<Db>[] = []
  /** Counted, jobs that come again as often as they come. */
  let submitted = 0
  let done = 0
  /** Who waits for how many to be done, in that order. */
  const waiting: { readonly at: number; readonly resolve: () => void }[] = []

  const passed = async (): Promise<void> => {
    if (done < submitted) await new Promise<void>((resolve) => waiting.push({ at: submitted, resolve }))
  }
  const tellPassed = (): void => {
    while (waiting[0] && waiting[0].at <= done) waiting.shift()?.resolve()
  }

  const next = (): void => {
    if (first.length > 0) {
      queue = first.concat(queue)
      first = []
    }
    if (queue.length > 0) endOfTurn(() => void run())
  }

  const tell = (job: CommitJob<Db>, outcome: CommitOutcome | undefined, error: unknown): void => {
    try {
      if (outcome) job.settled(outcome)
      else job.failed(error)
    } catch (thrown) {
      threw(thrown)
    }
  }

  const refuse = (error: unknown, group: readonly CommitJob<Db>[]): void => {
    broken(error, group.length)
    for (const job of group) tell(job, undefined, error)
  }

  const settle = (group: readonly CommitJob<Db>[], outcomes: readonly CommitOutcome[]): void => {
    took?.()
    for (const outcome of outcomes) if (outcome.ok && outcome.appended.length > 0) applied(outcome.appended)
    fanOut()
    for (let index = 0; index < group.length; index++)
      tell(group[index] as CommitJob<Db>, outcomes[index], undefined)
  }

  const commit = async (group: readonly CommitJob<Db>[]): Promise<void> => {
    let outcomes: readonly CommitOutcome[]
    try {
      outcomes = await store.commit(group)
    } catch (error) {
      refuse(error, group)
      return
    }
    settle(group, outcomes)
  }

  const run = async (): Promise<void> => {
    const size = groupSize(queue.length, store.durable)
    const group = queue.length > size ? queue.splice(0, size) : queue
    if (group === queue) queue = []
    try {
      await commit(group)
      answered()
    } catch (error) {
      threw(error)
    } finally {
      done += group.length
      tellPassed()
      next()
    }
  }

  return {
    submit: (job) => {
      const busy = done < submitted++
      queue.push(job)
      if (!busy) endOfTurn(() => void run())
    },
    again: (job) => {
      submitted++
      first.push(job)
    },
    passed,
    idle: async () => {
      while (done < submitted) await passed()
    },
  }
}
