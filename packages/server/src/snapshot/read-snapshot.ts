import { parse, SynclineError } from '@syncline/core'
import type { Anchor } from '@syncline/core/protocol'
import type { Access } from '../channel/access.ts'
import type { Identity } from '../channel/identity.ts'
import type { LiveChannel } from '../channel/live-channel.ts'
import type { HubEnvironment } from '../environment/hub-environment.ts'
import { withTimeout } from '../environment/timeout.ts'
import type { Logger } from '../logger.ts'
import type { SnapshotRead } from './snapshot-read.ts'

export interface SnapshotReader {
  /**
   * A state and its position, read together: no mutation handler of the channel is between its start and its
   * commit meanwhile. Those who ask with the same `user` (an object as `authenticate`
   * gave it) while a read is on the way share it.
   * @throws SynclineError `snapshot-failed` with `retryAfter`
   */
  read(channel: LiveChannel, user: Identity, access: Access & { ok: true }): Promise<SnapshotRead>
}

/** How long a client waits before it asks again for a snapshot that failed. */
const retryAfter = 1_000

export const createSnapshotReader = (options: {
  readonly environment: HubEnvironment
  readonly logger: Logger
  readonly timeout: number
  readonly db: () => unknown
}): SnapshotReader => {
  const { environment, logger, timeout, db } = options

  const admitted = (channel: LiveChannel): Promise<void> =>
    new Promise((resolve) => {
      if (channel.gate.enter('snapshot', resolve)) resolve()
    })

  const stateOf = async (
    channel: LiveChannel,
    user: Identity,
    access: Access & { ok: true },
  ): Promise<string> => {
    const { served, params } = access
    const state = await served.snapshot?.({ user, params, channel: channel.name, db: db() })
    if (served.snapshotSchema) await parse(served.snapshotSchema, state, 'snapshot')
    return JSON.stringify(state) ?? 'null'
  }

  const readTogether = async (
    channel: LiveChannel,
    user: Identity,
    access: Access & { ok: true },
  ): Promise<SnapshotRead> => {
    await admitted(channel)
    try {
      const { epoch, seq, id } = channel.head
      const position: Anchor = { epoch, seq, id }
      const late = () =>
        new SynclineError('snapshot-failed', { detail: 'The snapshot took too long.', retryAfter })
      const state = await withTimeout(environment, stateOf(channel, user, access), timeout, late)
      return { position, state }
    } catch (error) {
      logger.error({ channel: channel.name, subject: user.id, error }, 'snapshot failed')
      throw new SynclineError('snapshot-failed', { retryAfter, channel: channel.name })
    } finally {
      channel.gate.leave()
    }
  }

  return {
    read: (channel, user, access) => {
      const shared = channel.snapshots.get(user)
      if (shared !== undefined) return shared
      const reading = readTogether(channel, user, access)
      channel.snapshots.set(user, reading)
      const done = () => void channel.snapshots.delete(user)
      reading.then(done, done)
      return reading
    },
  }
}
