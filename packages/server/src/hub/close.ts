import type { Committer } from '../commit/committer.ts'
import type { HubEnvironment } from '../environment/hub-environment.ts'
import type { ProviderFanOut } from '../fan-out/provider-fan-out.ts'
import type { Gateway } from '../gateway/gateway.ts'
import type { Presence } from '../presence/presence.ts'
import type { Sessions } from '../session/sessions.ts'
import type { HubStore } from '../store/hub-store.ts'
import type { CloseOptions } from './hub.ts'
import { sayBye } from './say-bye.ts'

/** Closing in order: take no more, finish what is under way, say bye, let go. */
export const createClose = (options: {
  readonly state: { closing: boolean }
  readonly environment: HubEnvironment
  readonly committer: Committer
  readonly isRunning: () => boolean
  /** Sends what fan-out holds back. */
  readonly release: () => void
  readonly sessions: Sessions
  readonly providers: readonly ProviderFanOut[]
  readonly presence: Pick<Presence, 'stop'>
  readonly gateways: readonly Gateway[]
  readonly store: HubStore
  readonly ready: Promise<void>
  readonly cancelAll: () => void
}): ((options?: CloseOptions) => Promise<void>) => {
  const { state, environment, committer, isRunning, sessions, providers, presence } = options
  const { gateways, store, ready, release, cancelAll } = options
  let closed: Promise<void> | undefined

  /** Handlers that run now still commit; each commit may let the next of its stream run. */
  const finished = async (): Promise<void> => {
    do {
      await committer.idle()
      if (isRunning()) await new Promise<void>((resolve) => environment.setTimer(pollEvery, resolve))
    } while (isRunning())
    await committer.idle()
  }

  const close = async ({ retryAfter = 1_000, within = 10_000 }: CloseOptions): Promise<void> => {
    state.closing = true
    const late = new Promise<void>((resolve) => environment.setTimer(within, resolve))
    await Promise.race([finished(), late])
    presence.stop()
    release()
    sayBye(environment, sessions, retryAfter)
    for (const provider of providers) provider.stop()
    const opened = await Promise.race([
      ready.then(
        () => true,
        () => false,
      ),
      late.then(() => false),
    ])
    await Promise.all(gateways.map((gateway) => gateway.stop(Math.min(within, farewell))))
    cancelAll()
    if (opened) await store.close()
    // One that opens only now must not stay open.
    else void ready.then(() => store.close()).catch(() => undefined)
  }

  return (given = {}) => {
    closed ??= close(given)
    return closed
  }
}

/** Milliseconds in which clients that ask for what they get may still fetch the bye. */
const farewell = 1_000
/** Milliseconds between two looks at whether handlers still run. */
const pollEvery = 10
