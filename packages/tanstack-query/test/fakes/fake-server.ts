import { QueryClient, type QueryKey, QueryObserver } from '@tanstack/query-core'
import type { Todo } from './todos.ts'

interface Request {
  answer(list: readonly Todo[]): Promise<void>
  fail(error: Error): Promise<void>
}

/** Lets every promise that is ready run, and what TanStack puts off to the next turn. */
export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** A query whose fetches are answered by hand, and every frame that an observer is given. */
export const createFakeServer = (queryKey: QueryKey = ['todos']) => {
  const queryClient = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  const requests: Request[] = []
  const options = {
    queryKey,
    queryFn: () =>
      new Promise<readonly Todo[]>((resolve, reject) => {
        requests.push({
          answer: (list) => {
            resolve(list)
            return settle()
          },
          fail: (error) => {
            reject(error)
            return settle()
          },
        })
      }),
  }
  const frames: string[][] = []
  return {
    queryClient,
    options,
    requests,
    /** The texts of each list shown, one entry for every different frame. */
    frames,
    observe: () =>
      new QueryObserver(queryClient, options).subscribe(({ data }) => {
        const frame = data?.map(({ text }) => text)
        if (frame && String(frame) !== String(frames.at(-1))) frames.push(frame)
      }),
    shown: () => queryClient.getQueryData<readonly Todo[]>(queryKey)?.map(({ text }) => text),
    query: () => queryClient.getQueryCache().find({ queryKey })!,
  }
}
