import type { GatewayHub } from '../gateway/gateway.ts'
import type { LinkKeeper, UplinkLink } from './uplink-link.ts'
import type { UplinkSessionsOptions } from './uplink-session.ts'

/** Clients ping once a heartbeat, at the latest once in two. So many heartbeats without a request: it is gone. */
const silentBeats = 2.5
/**
 * Heartbeats without a request after which a client is woken. A page that nobody sees gets a timer once a minute, but
 * what comes in from the provider reaches it.
 */
const wakenBeats = 1.75

/** The links of one gateway by their secret ids. */
export interface LinkTable extends LinkKeeper {
  /** Bytes of one request. */
  readonly frameBytes: number
  add(link: UplinkLink): UplinkLink
  find(id: unknown): UplinkLink | undefined
  open(): Iterable<UplinkLink>
  /** Resolves once all last words were fetched, or `within` milliseconds have passed. Ends all. */
  empty(within: number): Promise<void>
}

export const createLinkTable = (
  { environment, heartbeat, limits, logger }: GatewayHub,
  { name, wake, closed }: UplinkSessionsOptions,
): LinkTable => {
  const links = new Map<string, UplinkLink>()
  let cancelSweep: (() => void) | undefined
  let fetched: (() => void) | undefined

  const sweep = (): void => {
    cancelSweep = undefined
    const now = environment.now()
    for (const link of [...links.values()]) {
      // The clock was set back: silence counts from now on.
      if (link.askedAt > now) link.askedAt = now
      if (link.askedAt <= now - silentBeats * heartbeat) link.end()
      else if (link.askedAt <= now - wakenBeats * heartbeat) link.wake()
    }
    schedule()
  }
  const schedule = (): void => {
    if (links.size > 0) cancelSweep ??= environment.setTimer(heartbeat / 2, sweep)
  }
  const checkFetched = (): void => {
    if (!fetched) return
    for (const link of links.values()) if (link.hasLastWords) return
    fetched()
  }

  return {
    frameBytes: limits.frameBytes,
    find: (id) => (typeof id === 'string' ? links.get(id) : undefined),
    open: () => [...links.values()].filter((link) => link.open),
    add: (link) => {
      links.set(link.id, link)
      schedule()
      return link
    },
    wake: (link) => {
      const warn = (error: unknown): void =>
        logger.warn({ gateway: name, error }, 'a client could not be woken')
      try {
        wake(link)?.catch(warn)
      } catch (error) {
        warn(error)
      }
    },
    over: (link) => {
      try {
        closed?.(link)
      } catch (error) {
        logger.error({ gateway: name, error }, 'a gateway threw as a session ended')
      }
    },
    gone: (link) => {
      links.delete(link.id)
      checkFetched()
    },
    empty: async (within) => {
      if (within > 0)
        await new Promise<void>((resolve) => {
          const cancel = environment.setTimer(within, resolve)
          fetched = () => {
            cancel()
            resolve()
          }
          checkFetched()
        })
      fetched = undefined
      cancelSweep?.()
      for (const link of [...links.values()]) link.end()
    },
  }
}
