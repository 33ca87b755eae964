import type { Anchor, Position } from '@syncline/core'
import type { HubDisk } from '../hub-disk.ts'
import type { Earliest } from './earliest.ts'
import type { Truth } from './truth.ts'

/** Promise 2: a channel goes on from its last position, unless the hub can't or may not go on from there. */
export interface Continuity {
  /** How often the hub's log was set back up to now. */
  readonly setbacks: number
  /**
   * What is wrong with being told to have missed what is after one position up to another; undefined: nothing.
   *
   * @param setbacks how many there were when the channel was live last: one that came since explains any gap
   */
  fault(channel: string, after: Anchor | undefined, through: Anchor, setbacks: number): string | undefined
}

/** One who may see from `since` on is not shown all that came after `after`, if anything did. */
const isHidden = (after: Anchor, through: Anchor, since: Position | undefined): boolean =>
  since !== undefined &&
  after.seq !== through.seq &&
  (since.epoch !== after.epoch || after.seq < since.seq - 1)

export const createContinuity = (
  disk: Pick<HubDisk, 'setbacks' | 'holds'>,
  truth: Truth,
  earliest: (channel: string) => Earliest | undefined,
): Continuity => ({
  get setbacks() {
    return disk.setbacks
  },
  fault: (channel, after, through, setbacks) => {
    const known = through.id === '' ? through : truth.find(channel, through.id)
    if (!known || known.epoch !== through.epoch || known.seq !== through.seq)
      return `which ends at ${through.id}, and that is not durable there`
    if (disk.setbacks !== setbacks) return undefined
    if (!after) return 'from nowhere on'
    if (!disk.holds(channel, after) || isHidden(after, through, earliest(channel)?.position)) return undefined
    return 'though the hub has all of it'
  },
})
