import type { Environment } from '../environment/environment.ts'
import { SynclineError, toSynclineError } from '../errors/syncline-error.ts'
import type { Keeper } from './keeper.ts'
import type { Ledger } from './ledger.ts'
import type { NewWrite } from './outbox.ts'
import type { OutboxOptions } from './outbox-context.ts'
import type { Receipt } from './receipt.ts'
import { Write } from './write.ts'

/** What the intake knows of the rest. */
export interface IntakeContext {
  readonly environment: Environment
  readonly keeper: Keeper
  readonly ledger: Ledger
  readonly options?: OutboxOptions | undefined
  isClosed(): boolean
  /** Why nothing can be stored, for good. */
  broken(): SynclineError | undefined
}

/** Writes on their way into the outbox. */
export interface Intake {
  add(newWrite: NewWrite): Receipt
  create(newWrite: Omit<NewWrite, 'data'>, json: string): Write
  /** The write is stored: sends it. */
  stored(write: Write): void
  /** Stores what came before there was a part for it. */
  flush(): void
}

export const encode = (data: unknown): string => JSON.stringify(data) ?? 'null'

export const createIntake = ({
  environment,
  keeper,
  ledger,
  isClosed,
  broken,
  options: { maxWrites = 10_000, maxBytes = 20_000_000 } = {},
}: IntakeContext): Intake => {
  let early: Write[] = []

  const failed = (write: Write, error: unknown): void =>
    ledger.change(write, { at: 'failed', error: toSynclineError(error, 'storage-failed') })
  const stored = (write: Write): void => {
    ledger.change(write, { at: 'queued', durable: keeper.durable })
    keeper.partitions.get(write.client)?.lane(write.channel).enqueue(write)
  }
  const save = (write: Write): void => {
    const { own } = keeper
    const error = broken()
    if (error) failed(write, error)
    else if (!own) early.push(write)
    else {
      own.place(write)
      const commit = keeper.commit(own.client, () => [write.toPut()])
      if (!commit) stored(write)
      else
        commit.then(
          () => stored(write),
          // When the part was lost meanwhile, the write goes into the next one.
          (cause: unknown) => (keeper.partitions.has(own.client) ? failed(write, cause) : save(write)),
        )
    }
  }
  const create: Intake['create'] = ({ channel, kind, name, key, contractVersion }, json) =>
    new Write({
      id: environment.id(),
      channel,
      kind,
      name,
      json,
      version: contractVersion,
      createdAt: environment.now(),
      key,
    })
  const refusal = ({ size, channel }: Write): SynclineError | undefined => {
    if (isClosed()) return new SynclineError('closed')
    const full = ledger.count >= maxWrites || ledger.bytes + size > maxBytes
    return full ? new SynclineError('outbox-full', { channel }) : undefined
  }

  return {
    create,
    stored,
    add: (newWrite) => {
      let write: Write
      let error: SynclineError | undefined
      try {
        write = create(newWrite, encode(newWrite.data))
        error = refusal(write)
      } catch (cause) {
        // Not JSON: a cycle or a bigint.
        write = create(newWrite, 'null')
        error = toSynclineError(cause, 'schema-violation')
      }
      if (error) write.become({ at: 'failed', error })
      else {
        ledger.enter(write)
        save(write)
      }
      return write
    },
    flush: () => {
      const writes = early
      early = []
      for (const write of writes) save(write)
    },
  }
}
