import { parse, SynclineError } from '@syncline/core'
import type { Anchor } from '@syncline/core/protocol'
import type { Access } from '../channel/access.ts'
import type { Identity } from '../channel/identity.ts'
import type { LiveChannel } from '../channel/live-channel.ts'
import type { HubEnvironment } from '../environment/hub-environment.ts'
import { Slots } from '../environment/slots.ts'
import { withTimeout } from '../environment/timeout.ts'
import type { Limits } from '../limits.ts'
import type { Logger } from '../logger.ts'
import type { Elsewhere } from './elsewhere.ts'
import type { Gate } from './gate.ts'
import type { SnapshotRead } from './snapshot-read.ts'

export interface SnapshotReader {
  /**
   * A state and its position, read together: no mutation handler of the channel is between its start and its
   * commit meanwhile, and no handler of another channel that publishes to it. (A handler that does so for the
   * first time and takes longer than a second cannot be known before. What the backend changes is its own to
   * order: see `hub.publish`.) Those who ask with the same `user` (an object as `authenticate` gave it) while a read is
   * on the way share it.
   * @throws SynclineError `snapshot-failed` with `retryAfter`
   */
  read(channel: LiveChannel, user: Identity, access: Granted): Promise<SnapshotRead>
}

type Granted = Access & { readonly ok: true }

/** How long a client waits before it asks again for a snapshot that failed. */
const retryAfter = 1_000
/** How long a snapshot waits for handlers: those who write after it wait as long. */
const longestWait = 1_000
/** How often a state is read at most, where the channel changes under it. */
const mostReads = 8

const failure = (detail: string): SynclineError =>
  new SynclineError('snapshot-failed', { detail, retryAfter })

export const createSnapshotReader = (options: {
  readonly environment: HubEnvironment
  readonly limits: Limits
  readonly logger: Logger
  /** Milliseconds that a handler may take; the channel's writes wait meanwhile. */
  readonly timeout: number
  readonly db: () => unknown
  readonly elsewhere: Elsewhere
  /** Resolves when what is to be committed now is there or refused. */
  readonly passed: () => Promise<void>
  /** Rejects when another hub has opened the store, or that is not known. */
  readonly stillOurs: () => Promise<unknown>
}): SnapshotReader => {
  const { environment, limits, logger, timeout, db, elsewhere, passed, stillOurs } = options
  const slots = new Slots(limits.snapshotReads)

  /** In, or given up: a handler that hangs must not hold up those who write behind the snapshot. */
  const enter = (gate: Gate): Promise<void> =>
    new Promise((resolve, reject) => {
      let cancel: (() => void) | undefined
      const entered = (): void => {
        cancel?.()
        resolve()
      }
      if (gate.enter('snapshot', entered)) resolve()
      else
        cancel = environment.setTimer(longestWait, () => {
          gate.withdraw(entered)
          reject(failure('Handlers of the channel took too long.'))
        })
    })

  const stateOf = async (channel: LiveChannel, user: Identity, access: Granted): Promise<string> => {
    const { served, params } = access
    const state = await served.snapshot?.({ user, params, channel: channel.name, db: db() })
    if (served.snapshotSchema) await parse(served.snapshotSchema, state, 'snapshot')
    const json = JSON.stringify(state) ?? 'null'
    if (json.length > limits.snapshotBytes)
      throw failure(`The snapshot has more than ${limits.snapshotBytes} bytes.`)
    return json
  }

  const readInside = async (channel: LiveChannel, user: Identity, access: Granted): Promise<SnapshotRead> => {
    const until = environment.now() + timeout
    const late = () => failure('The snapshot took too long.')
    let reaching = false
    try {
      for (let reads = 1; ; reads++) {
        if (access.served.reached && !reaching) {
          await enter(elsewhere.gate)
          reaching = true
        }
        await channel.loading
        const { epoch, seq, id } = channel.head
        const position: Anchor = { epoch, seq, id }
        const { reached } = channel
        const left = until - environment.now()
        const state = await withTimeout(environment, stateOf(channel, user, access), left, late)
        // What ran meanwhile may be in the state already: its messages must not follow it.
        const ended = await elsewhere.ended(environment, Math.min(longestWait, until - environment.now()))
        // A handler may hang. What the store has taken is in the state already, however long it takes to say so.
        if (!ended) await withTimeout(environment, passed(), longestWait, late)
        await channel.loading
        if (channel.head.seq === seq && channel.head.epoch === epoch) return { position, state }
        if (reads < mostReads) continue
        if (channel.reached === reached) return { position, state }
        throw failure('Handlers of other channels changed it all the time.')
      }
    } finally {
      if (reaching) elsewhere.gate.leave()
    }
  }

  const readTogether = async (
    channel: LiveChannel,
    user: Identity,
    access: Granted,
  ): Promise<SnapshotRead> => {
    await enter(channel.gate)
    try {
      return await readInside(channel, user, access)
    } finally {
      channel.gate.leave()
    }
  }

  const readInTurn = async (channel: LiveChannel, user: Identity, access: Granted): Promise<SnapshotRead> => {
    await slots.take()
    try {
      const read = await readTogether(channel, user, access)
      // What another hub has committed would be in the state, and not in the log as it is known here.
      await stillOurs()
      return read
    } catch (error) {
      logger.error({ channel: channel.name, subject: user.id, error }, 'snapshot failed')
      if (error instanceof SynclineError && error.code === 'snapshot-failed') throw error
      const invalid = error instanceof SynclineError && error.code === 'schema-violation'
      const detail = invalid ? "What it returned violates the schema; the hub's log says where." : undefined
      throw new SynclineError('snapshot-failed', { retryAfter, channel: channel.name, detail })
    } finally {
      slots.give()
    }
  }

  return {
    read: (channel, user, access) => {
      const shared = channel.snapshots.get(user)
      if (shared !== undefined) return shared
      const reading = readInTurn(channel, user, access)
      channel.snapshots.set(user, reading)
      const done = () => void channel.snapshots.delete(user)
      reading.then(done, done)
      return reading
    },
  }
}
