import { queryObjects } from 'node:v8'

/** What a process holds after garbage was collected. */
export interface Census {
  /**
   * Objects of JavaScript: closures, arrays, promises and instances are some. Not what Node makes as it warms up
   * (feedback, caches, compiled code, shapes), nor strings: those are in the bytes only.
   */
  readonly objects: number
  readonly bytes: number
}

/** The least of some turns: what happens to be on its way in one is gone in another. */
export const takeCensus = async (): Promise<Census> => {
  const all: Census[] = []
  for (let turn = 0; turn < 3; turn++) {
    await new Promise((resolve) => setImmediate(resolve))
    const objects = queryObjects(Object, { format: 'count' })
    globalThis.gc!()
    const { heapUsed, external } = process.memoryUsage()
    all.push({ objects, bytes: heapUsed + external })
  }
  return {
    objects: Math.min(...all.map(({ objects }) => objects)),
    bytes: Math.min(...all.map(({ bytes }) => bytes)),
  }
}

/** From one to another, for each of so many. */
export const grownBy = (from: Census, to: Census, count: number): Census => ({
  objects: (to.objects - from.objects) / count,
  bytes: (to.bytes - from.bytes) / count,
})
