import type { HubStore } from '@syncline/server'

/**
 * Rule 12: many that ask for one page at once share one read.
 *
 * @param isPage whether so many messages are what clients ask for: what a provider is given is read by itself
 * @param twice called with what is read while it is being read
 */
export const watchReads = <Db>(
  store: HubStore<Db>,
  isPage: (limit: number) => boolean,
  twice: (what: string) => void,
): HubStore<Db> => {
  const reading = new Set<string>()
  return {
    ...store,
    read: async (channel, after, limit, bytes) => {
      const page = `${channel} after ${after}, at most ${limit}`
      if (!isPage(limit)) return store.read(channel, after, limit, bytes)
      if (reading.has(page)) twice(page)
      reading.add(page)
      try {
        return await store.read(channel, after, limit, bytes)
      } finally {
        reading.delete(page)
      }
    },
  }
}
