import type { Methods } from './worker.ts'

interface Call {
  readonly id: number
  readonly method: string
  readonly parameters: readonly unknown[]
}

/** The worker's side: answers what the parent asks, and ends with it. */
export const serveCalls = (methods: Methods): void => {
  process.on('disconnect', () => process.exit())
  process.on('message', async ({ id, method, parameters }: Call) => {
    try {
      process.send?.({ id, result: await methods[method]?.(...parameters) })
    } catch (error) {
      process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    }
  })
  process.send?.({ id: 0 })
}
