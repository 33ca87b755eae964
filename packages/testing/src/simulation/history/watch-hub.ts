import type { World } from './world.ts'

/** Those of the simulated app that have members. */
const LISTS = 2

/**
 * Looks at what the hub counts, again and again while a history goes on (bounded memory). What is in use comes on top
 * of its limits: at most the writes that were ever without an answer at a time.
 */
export const watchHub = (world: World): (() => void) => {
  let most = 0
  return () => {
    const unanswered = [...world.book.all.values()].filter(({ committedAt }) => committedAt === undefined)
    most = Math.max(most, unanswered.length)
    const { streams } = world.limits
    for (const { hub, machine } of world.host.alive) {
      const health = hub.health()
      const tooMany =
        (health.streams > streams + most && `${health.streams} streams`) ||
        (health.presence > LISTS && `${health.presence} lists of members`)
      if (tooMany) world.violated('bounded memory', `${machine.name} keeps ${tooMany}`)
    }
  }
}
