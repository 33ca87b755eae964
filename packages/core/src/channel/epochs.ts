import type { Position } from '../protocol/position.ts'

/** Which epochs lie behind a channel. */
export interface Epochs {
  isOld(epoch: string): boolean
  /** The channel has left this epoch. */
  leave(epoch: string): void
  /** Is everything up to `position` behind `delivered`? An unknown epoch is decided by the hub's next word. */
  hasPassed(position: Position, delivered: Position | undefined): boolean
  /** The hub's word that this is the current epoch: true when that settled a question. */
  confirm(epoch: string): boolean
}

/** How many epochs are remembered; the oldest is forgotten first. A log changes its epoch a few times in years. */
const bound = 32

const remember = (epochs: Set<string>, epoch: string): void => {
  epochs.add(epoch)
  if (epochs.size > bound) epochs.delete(epochs.values().next().value as string)
}

export const createEpochs = (): Epochs => {
  const old = new Set<string>()
  const asked = new Set<string>()
  return {
    isOld: (epoch) => old.has(epoch),
    leave: (epoch) => remember(old, epoch),
    hasPassed: (position, delivered) => {
      if (position.epoch === delivered?.epoch) return delivered.seq >= position.seq
      if (old.has(position.epoch)) return true
      remember(asked, position.epoch)
      return false
    },
    confirm: (epoch) => {
      old.delete(epoch)
      asked.delete(epoch)
      const settled = asked.size > 0
      for (const unknown of asked) remember(old, unknown)
      asked.clear()
      return settled
    },
  }
}
