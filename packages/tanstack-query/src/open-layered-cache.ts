import type { QueryClient } from '@tanstack/query-core'
import { createLayeredCache, type LayeredCache } from './layered-cache.ts'

const open = new WeakMap<QueryClient, { readonly cache: LayeredCache; users: number }>()

/** The client's layered cache, shared by all that sync into it; the last to close it ends it. */
export const openLayeredCache = (queryClient: QueryClient): LayeredCache => {
  const shared = open.get(queryClient) ?? { cache: createLayeredCache(queryClient), users: 0 }
  open.set(queryClient, shared)
  shared.users++
  let using = true
  return {
    ...shared.cache,
    close: () => {
      if (!using) return
      using = false
      if (--shared.users) return
      open.delete(queryClient)
      shared.cache.close()
    },
  }
}
