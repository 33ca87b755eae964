import type { Journal } from './journal.ts'

/** The journal of an outbox in memory: nothing is stored, and nothing is waited for. */
export const createMemoryJournal = (): Journal => {
  let dirty = false
  const touch = (): void => {
    dirty = true
  }
  return {
    committing: undefined,
    get dirty() {
      return dirty
    },
    touch,
    put: touch,
    erase: (write) => {
      dirty = write.removed = true
    },
    next: async () => {},
    commit: (_, stored) => {
      dirty = false
      stored()
    },
    abandon: () => {},
  }
}
