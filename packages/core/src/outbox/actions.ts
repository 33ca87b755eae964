import type { Environment } from '../environment/environment.ts'
import { SynclineError, toSynclineError } from '../errors/syncline-error.ts'
import type { StorageChange } from '../storage/client-storage.ts'
import { encode, type Intake } from './intake.ts'
import type { Keeper } from './keeper.ts'
import type { Lane } from './lane.ts'
import type { Ledger } from './ledger.ts'
import type { OutboxView } from './outbox.ts'
import type { OutboxContext } from './outbox-context.ts'
import type { Partition } from './partition.ts'
import type { Receipt } from './receipt.ts'
import { writeKey } from './records.ts'
import type { Write } from './write.ts'

/** What the actions know of the rest. */
export interface ActionsContext {
  readonly environment: Environment
  readonly keeper: Keeper
  readonly ledger: Ledger
  readonly intake: Intake
  readonly contractVersion: OutboxContext['contractVersion']
  /** This tab's part, once what earlier pages left was read. Rejects when there is none. */
  ready(): Promise<Partition>
}

const toDelete = ({ client, order }: Pick<Write, 'client' | 'order'>): StorageChange => ({
  op: 'delete',
  table: 'outbox',
  key: writeKey(client, order),
})

/** What the app does with the writes in the outbox. */
export const createActions = (context: ActionsContext): Pick<OutboxView, 'retry' | 'discard' | 'export'> => {
  const { keeper, ledger, intake, ready } = context
  const retries = new Map<string, Promise<Receipt>>()

  const laneOf = (write: Write): Lane => {
    const lane = keeper.partitions.get(write.client)?.find(write.channel)
    if (lane) return lane
    throw new SynclineError('storage-failed', { detail: 'Another tab has it.' })
  }
  const retry = async (id: string, edited?: { readonly input: unknown }): Promise<Receipt> => {
    const target = await ready()
    const old = ledger.find(id)
    if (old?.status.at !== 'parked') throw new SynclineError('discarded', { detail: `${id} is not parked.` })
    const from = laneOf(old)
    const contractVersion = (edited && context.contractVersion(old.channel)) ?? old.version
    const write = intake.create({ ...old, contractVersion }, edited ? encode(edited.input) : old.json)
    ledger.enter(write)
    target.place(write)
    // What waited behind the parked write goes behind its successor.
    const followers = from.detach(old.key)
    const places = followers.map(({ client, order }) => ({ client, order }))
    for (const follower of followers) target.place(follower)
    try {
      await keeper.commit(
        target.client,
        () => [...[old, ...places].map(toDelete), ...[write, ...followers].map((each) => each.toPut())],
        old,
      )
    } catch (error) {
      for (const [index, follower] of followers.entries()) Object.assign(follower, places[index])
      from.reattach(followers)
      ledger.change(write, { at: 'failed', error: toSynclineError(error, 'storage-failed') })
      throw error
    }
    from.forget(old)
    ledger.change(old, { at: 'discarded' })
    ledger.change(write, { at: 'queued', durable: keeper.durable })
    const lane = target.lane(old.channel)
    // What came with the same key while this was stored is younger.
    const younger = lane.detach(old.key)
    for (const each of [write, ...followers, ...younger]) {
      if (each.removed) continue
      ledger.moveToEnd(each)
      lane.enqueue(each)
    }
    return write
  }

  return {
    retry: (id, edited) => {
      const running = retries.get(id) ?? retry(id, edited).finally(() => retries.delete(id))
      retries.set(id, running)
      return running
    },
    discard: async (id) => {
      await ready()
      const write = ledger.find(id)
      if (!write) return
      await write.saved.catch(() => {})
      if (!['queued', 'sent', 'parked'].includes(write.status.at)) return
      await laneOf(write).discard(write)
      if (write.voided) await write.result.catch(() => {})
    },
    export: async () => {
      await ready()
      const writes = [...ledger.writes()].map(
        ({ id, channel, kind, name, input, key, createdAt, version, status }) => ({
          id,
          channel,
          kind,
          name,
          input,
          key,
          createdAt,
          contractVersion: version,
          status: status.at,
          ...(status.at === 'parked' && {
            reason: status.reason,
            error: status.error.code,
            detail: status.error.detail,
          }),
        }),
      )
      return JSON.stringify({ version: 1, exportedAt: context.environment.now(), writes })
    },
  }
}
