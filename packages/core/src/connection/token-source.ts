import type { Environment } from '../environment/environment.ts'
import { SynclineError, toSynclineError } from '../errors/syncline-error.ts'
import { tokenLife } from './token-life.ts'
import type { Token, TokenProvider, TokenReason } from './token-provider.ts'

/** Before this many milliseconds (and 90 % of its life) a token is renewed. */
const MARGIN = 10_000
/** A provider that failed while the old token still holds is asked again after this many milliseconds. */
const RETRY = 10_000
/** The longest delay that timers of browsers and Node know. */
const LONGEST_TIMER = 2 ** 31 - 1

/** Keeps the session's token: asks the provider once at a time, and before the token expires. */
export interface TokenSource {
  /**
   * A token to connect with: the last one while it holds, or a new one. `refused` always asks.
   * Rejects with `token-failed`, also when the provider takes too long, or with the `SynclineError` that the provider threw.
   */
  get(reason: 'connect' | 'refused'): Promise<string>
  /**
   * Renews in place while a session lives that was opened with `token`: calls `renewed` with each fresh one
   * and `failed` when the provider fails. Returns the stop.
   */
  keepFresh(
    token: string,
    renewed: (token: string) => void,
    failed: (error: SynclineError) => void,
  ): () => void
}

interface Known {
  readonly token: string
  /** In this machine's clock, ms since 1970; `Infinity` when the life is not known. */
  readonly expiresAt: number
  readonly refreshAt: number
}

const remember = (answer: string | Token, now: number): Known => {
  const given: Token = typeof answer === 'string' ? { token: answer } : answer
  if (typeof given?.token !== 'string' || given.token === '')
    throw new SynclineError('token-failed', { detail: 'No token.' })
  const life = tokenLife(given, now)
  // A life of a few seconds is renewed halfway, so that the margin does not turn into a loop.
  const refresh = Math.max(1_000, life / 2, Math.min(life * 0.9, life - MARGIN))
  return { token: given.token, expiresAt: now + life, refreshAt: now + refresh }
}

/** @param timeout after so many milliseconds the provider is given up, and may be asked anew. */
export const createTokenSource = (
  provider: TokenProvider,
  environment: Environment,
  timeout: number,
): TokenSource => {
  const { now, setTimer } = environment
  let known: Known | undefined
  let flight: Promise<Known> | undefined

  const request = async (reason: TokenReason): Promise<Known> => {
    let cancel = () => {}
    const late = new Promise<never>((_, reject) => {
      cancel = setTimer(timeout, () =>
        reject(new SynclineError('token-failed', { detail: `No answer within ${timeout} ms.` })),
      )
    })
    try {
      known = remember(await Promise.race([provider({ reason }), late]), now())
      return known
    } catch (error) {
      throw toSynclineError(error, 'token-failed')
    } finally {
      cancel()
      flight = undefined
    }
  }
  const ask = (reason: TokenReason): Promise<Known> => {
    flight ??= Promise.resolve().then(() => request(reason))
    return flight
  }

  return {
    get: async (reason) => {
      if (reason === 'refused') known = undefined
      const last = known
      if (last && now() < last.refreshAt) return last.token
      try {
        return (await ask(last ? 'expiring' : reason)).token
      } catch (error) {
        // The old one still holds; `keepFresh` asks again and reports.
        if (last && now() < last.expiresAt) return last.token
        throw error
      }
    },
    keepFresh: (token, renewed, failed) => {
      let stopped = false
      let cancel = () => {}
      const arm = () => {
        if (!known || known.refreshAt === Infinity) return
        const wait = known.refreshAt - now()
        cancel = wait > LONGEST_TIMER ? setTimer(LONGEST_TIMER, arm) : setTimer(Math.max(0, wait), refresh)
      }
      const refresh = () => {
        ask('expiring').then(
          (fresh) => {
            if (stopped) return
            renewed(fresh.token)
            arm()
          },
          (error) => {
            if (stopped) return
            failed(error)
            if (known && now() < known.expiresAt) cancel = setTimer(RETRY, refresh)
          },
        )
      }
      if (known && known.token !== token) renewed(known.token)
      arm()
      return () => {
        stopped = true
        cancel()
      }
    },
  }
}
