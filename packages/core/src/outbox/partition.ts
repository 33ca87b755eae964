import type { OpenStorage, StorageChange } from '../storage/client-storage.ts'
import { createLane } from './create-lane.ts'
import type { Lane, LaneContext } from './lane.ts'
import { deleteAll, orderOf, type StreamRecord, type WriteRecord } from './records.ts'
import type { Write } from './write.ts'

/** One client's part of the outbox: its lanes, under its lock. A tab has its own, and those it adopted. */
export interface Partition {
  readonly client: string
  lanes(): Iterable<Lane>
  lane(channel: string): Lane
  find(channel: string): Lane | undefined
  /** Gives the write its place in the storage: an integer that only grows. */
  place(write: Write): void
  /** Stores what is not yet stored; nothing is sent any more. */
  close(): Promise<unknown>
}

/**
 * Reads a client's part. `recall` gives the write for a record: a new one, or the one that is known by this
 * id from before the part was lost to another tab.
 */
export const loadPartition = async (
  context: LaneContext,
  storage: Pick<OpenStorage, 'entries'>,
  client: string,
  recall: (record: WriteRecord) => Write,
): Promise<Partition> => {
  const [stored, streams] = await Promise.all([
    storage.entries('outbox', `${client}/`),
    storage.entries('streams', `${client}/`),
  ])
  const lanes = new Map<string, Lane>()
  const byChannel = new Map<string, Map<number, Write>>()
  let order = 0
  for (const [key, value] of stored) {
    const write = recall(value as WriteRecord)
    write.client = client
    write.order = order = orderOf(key)
    const writes = byChannel.get(write.channel) ?? new Map<number, Write>()
    byChannel.set(write.channel, writes.set(order, write))
  }
  const records = new Map(
    streams.map(([key, value]) => [key.slice(client.length + 1), value as StreamRecord]),
  )
  for (const channel of new Set([...records.keys(), ...byChannel.keys()])) {
    const loaded = { record: records.get(channel), writes: byChannel.get(channel) ?? new Map() }
    lanes.set(channel, createLane(context, client, channel, loaded))
  }

  return {
    client,
    lanes: () => lanes.values(),
    find: (channel) => lanes.get(channel),
    lane: (channel) => {
      let lane = lanes.get(channel)
      if (!lane) {
        lane = createLane(context, client, channel)
        lanes.set(channel, lane)
      }
      return lane
    },
    place: (write) => {
      write.client = client
      write.order = ++order
    },
    close: () => Promise.all([...lanes.values()].map((lane) => lane.close())),
  }
}

/** Everything of a partition as it is in memory: what a storage that is not durable gets when it is closed. */
export const dumpPartition = (partition: Partition, writes: Iterable<Write>): StorageChange[] => {
  const changes = [deleteAll('outbox', `${partition.client}/`)]
  for (const write of writes)
    if (write.client === partition.client && !write.removed) changes.push(write.toPut())
  for (const lane of partition.lanes()) changes.push(lane.toRecord())
  return changes
}
