import { SynclineError, toWireError } from '@syncline/core'
import type { SnapshotRequestFrame } from '@syncline/core/protocol'
import { snapshotFrameJson } from '../fan-out/frame-json.ts'
import { outgoingFrame, outgoingJson } from '../fan-out/outgoing-frame.ts'
import type { Requester } from './requester.ts'
import type { SessionContext } from './session-context.ts'
import { storeFailure } from './store-failure.ts'

/** Answers `snapshot` with a state and its position, or with the error and when to ask again. */
export const sendSnapshot = async (
  context: SessionContext,
  requester: Requester,
  { channel }: SnapshotRequestFrame,
): Promise<void> => {
  const access = await context.registry.authorize(requester.user, channel)
  if (!access.ok) return requester.refuse(channel, access.error)
  const live = context.channels.use(channel)
  await requester.snapshots.take()
  try {
    await live.loading
    if (!access.served.snapshot)
      throw new SynclineError('snapshot-failed', { detail: 'The contract has no snapshot.' })
    const { position, state } = await context.snapshots.read(live, requester.user, access)
    const { user, client } = requester
    await context.streams.ready(user.id, client, channel)
    const writes = context.streams.writesWithin(user.id, client, channel, position)
    const json = snapshotFrameJson(channel, position, { state, writes })
    await requester.whenRoom(() => requester.send(outgoingJson(json)))
  } catch (error) {
    const known = error instanceof SynclineError && error.code === 'snapshot-failed'
    const failure = known ? error : storeFailure(context, channel, error)
    const { epoch, seq, id } = live.head
    const position = { epoch, seq, id }
    requester.send(outgoingFrame({ type: 'snapshot', channel, position, error: toWireError(failure) }))
  } finally {
    requester.snapshots.give()
    context.channels.released(live)
  }
}
