const CALLERS = 32

/** The n-th write, 1 kB as JSON. */
export const createWrite = (n: number) => ({
  id: `todo-${String(n).padStart(6, '0')}`,
  text: 'x'.repeat(990),
})

/** Calls `write` for each number, 32 callers at once; each waits for its own. Resolves with the milliseconds. */
export const writeAll = async (count: number, write: (n: number) => Promise<unknown>): Promise<number> => {
  let next = 0
  const caller = async () => {
    while (next < count) await write(next++)
  }
  const begun = performance.now()
  await Promise.all(Array.from({ length: CALLERS }, caller))
  return performance.now() - begun
}

/** What one side took, in milliseconds. */
export interface Times {
  readonly write: number
  readonly drain: number
}
