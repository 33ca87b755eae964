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

const remember = (known: Set<string> | undefined, epoch: string): Set<string> => {
  const epochs = known ?? new Set()
  epochs.add(epoch)
  if (epochs.size > bound) epochs.delete(epochs.values().next().value as string)
  return epochs
}

/** The sets are made when there is something to remember: most channels stay in one epoch. */
class KnownEpochs implements Epochs {
  #old: Set<string> | undefined
  #asked: Set<string> | undefined

  isOld(epoch: string): boolean {
    return this.#old?.has(epoch) ?? false
  }
  leave(epoch: string): void {
    this.#old = remember(this.#old, epoch)
  }
  hasPassed(position: Position, delivered: Position | undefined): boolean {
    if (position.epoch === delivered?.epoch) return delivered.seq >= position.seq
    if (this.isOld(position.epoch)) return true
    this.#asked = remember(this.#asked, position.epoch)
    return false
  }
  confirm(epoch: string): boolean {
    this.#old?.delete(epoch)
    const asked = this.#asked
    this.#asked = undefined
    asked?.delete(epoch)
    if (!asked?.size) return false
    for (const unknown of asked) this.leave(unknown)
    return true
  }
}

export const createEpochs = (): Epochs => new KnownEpochs()
