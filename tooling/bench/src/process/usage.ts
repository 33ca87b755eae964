/** Microseconds of a clock that all processes of this machine share. */
export const clock = (): number => Number(process.hrtime.bigint() / 1000n)

/** CPU time of this process so far, in microseconds. */
export const cpu = (): number => {
  const { user, system } = process.cpuUsage()
  return user + system
}

/** V8's way to ask for a collection that gives back what it can, behind `--expose-gc`. */
type Collect = (options: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void

/** Bytes of memory that this process holds when garbage and what is kept for later are given back. */
export const memory = async (): Promise<number> => {
  const collect = globalThis.gc as unknown as Collect
  for (let round = 0; round < 4; round++) {
    collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return process.memoryUsage().rss
}
