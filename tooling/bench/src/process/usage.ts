/** Microseconds of a clock that all processes of this machine share. */
export const clock = (): number => Number(process.hrtime.bigint() / 1000n)

/** CPU time of this process so far, in microseconds. */
export const cpu = (): number => {
  const { user, system } = process.cpuUsage()
  return user + system
}

/** Bytes of memory that this process holds after a collection. */
export const memory = async (): Promise<number> => {
  for (let round = 0; round < 4; round++) {
    globalThis.gc?.()
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return process.memoryUsage().rss
}
