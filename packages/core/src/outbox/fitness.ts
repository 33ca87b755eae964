import type { OldWrite } from '../contract/channel-contract.ts'
import { SynclineError } from '../errors/syncline-error.ts'
import { fitsFrame } from './pack-writes.ts'
import type { ParkReason } from './receipt.ts'
import type { Write } from './write.ts'

/** What decides whether a write can go out. */
export interface FitnessContext {
  /** The contract's version in this page; undefined when the page does not know the channel. */
  contractVersion(channel: string): number | undefined
  upgrade(channel: string, write: OldWrite): Pick<OldWrite, 'name' | 'data'> | undefined
}

/** Why a write can't be sent. */
export interface Unfit {
  readonly reason: ParkReason
  readonly error: SynclineError
}

export type Fitness = 'fit' | 'upgraded' | Unfit

const unfit = (
  code: 'too-old' | 'contract-outdated' | 'too-large',
  { channel }: Write,
  cause?: unknown,
): Unfit => ({
  reason: code === 'too-large' ? 'rejected' : code,
  error: new SynclineError(code, { channel, cause }),
})

const upgrade = (write: Write, version: number, context: FitnessContext): Fitness => {
  const { channel, kind, name } = write
  try {
    const upgraded = context.upgrade(channel, { version: write.version, kind, name, data: write.input })
    if (!upgraded) return unfit('contract-outdated', write)
    write.upgrade(upgraded.name, JSON.stringify(upgraded.data) ?? 'null', version)
    return 'upgraded'
  } catch (error) {
    return unfit('contract-outdated', write, error)
  }
}

/**
 * Looks at a write just before it gets its number: too old, of an older contract (then it is upgraded in
 * place), or too large for any frame. What was sent once is frozen and never comes here again.
 *
 * @param oldest what was made before (ms since 1970) is too old
 */
export const examine = (
  write: Write,
  context: FitnessContext,
  oldest: number,
  frameBytes: number,
): Fitness => {
  if (write.createdAt < oldest) return unfit('too-old', write)
  const version = context.contractVersion(write.channel)
  const fitness = version !== undefined && write.version < version ? upgrade(write, version, context) : 'fit'
  if (typeof fitness === 'object') return fitness
  return fitsFrame(write, frameBytes) ? fitness : unfit('too-large', write)
}
