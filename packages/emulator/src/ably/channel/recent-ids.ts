/** How long Ably recognises a repeated publish by its id. */
const WINDOW = 120_000
/** Ids kept a channel; the oldest make room. */
const MAX_IDS = 10_000

/** What was answered to publishes that carried an id of their own. */
export interface RecentIds {
  get(id: string): readonly string[] | undefined
  set(id: string, serials: readonly string[]): void
}

export const createRecentIds = (now: () => number): RecentIds => {
  const known = new Map<string, { serials: readonly string[]; at: number }>()
  return {
    get: (id) => {
      const found = known.get(id)
      return found && found.at + WINDOW > now() ? found.serials : undefined
    },
    set: (id, serials) => {
      for (const [old, { at }] of known) {
        if (known.size < MAX_IDS && at + WINDOW > now()) break
        known.delete(old)
      }
      known.delete(id)
      known.set(id, { serials, at: now() })
    },
  }
}
