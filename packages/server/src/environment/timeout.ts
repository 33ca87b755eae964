import type { HubEnvironment } from './hub-environment.ts'

/** Settles like `work`, or calls `onLate` for an error to reject with once `ms` milliseconds have gone by. */
export const withTimeout = <T>(
  environment: HubEnvironment,
  work: Promise<T>,
  ms: number,
  onLate: () => Error,
): Promise<T> =>
  new Promise((resolve, reject) => {
    const cancel = environment.setTimer(ms, () => reject(onLate()))
    work.then(
      (value) => {
        cancel()
        resolve(value)
      },
      (error) => {
        cancel()
        reject(error)
      },
    )
  })
