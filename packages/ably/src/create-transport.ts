import type { Environment, Transport, TransportSession } from '@syncline/core'
import type { TokenRequest } from 'ably'
import { Observable } from 'rxjs'
import { type AblySettings, type CreateRealtime, ownRetries } from './ably-options.ts'
import { type Attempt, startAttempt } from './attempt.ts'
import { createLine } from './line.ts'
import { createSubscriptions } from './subscriptions.ts'

/** Options of `ably`: its own, and those of Ably's SDK that Syncline does not decide. */
export interface AblyOptions extends AblySettings {
  /** Whether cookies go along to the hub. Default `same-origin`, as with `fetch`. */
  readonly credentials?: RequestCredentials
  /** More headers for every request to the hub; a function is asked before each. Default: none. */
  readonly headers?: Record<string, string> | (() => Record<string, string>)
}

/** The transport over an SDK client that `create` makes, one for each session. */
export const createTransport = (url: string, options: AblyOptions, create: CreateRealtime): Transport => ({
  kind: 'hub',
  name: 'ably',
  open: (environment) => createSession(`${url.replace(/\/$/, '')}/ably`, options, environment, create),
})

const createSession = (
  url: string,
  { credentials, headers, ...settings }: AblyOptions,
  environment: Environment,
  create: CreateRealtime,
): TransportSession => {
  let attempt: Attempt | undefined
  const connect = () => {
    const realtime = create({
      ...settings,
      ...ownRetries,
      authCallback: (_, done) => {
        if (!attempt) return done('There is no attempt.', null)
        attempt.token().then(
          (token) => done(null, token as TokenRequest),
          (error) => done(`${error}`, null),
        )
      },
    })
    const subscriptions = createSubscriptions(realtime, () => ({ modes: ['SUBSCRIBE'] }))
    return { realtime, line: createLine(realtime, true), subscriptions }
  }
  let connected: ReturnType<typeof connect> | undefined
  return {
    attempt: ({ token, frames }) =>
      new Observable((subscriber) => {
        // One that failed has nothing left to go on from, and may be bound to another client id.
        if (connected?.realtime.connection.state === 'failed') connected = undefined
        connected ??= connect()
        const mine = startAttempt({
          ...connected,
          uplink: { url, environment, token, credentials, headers },
          frames,
          subscriber,
        })
        attempt = mine
        return () => {
          mine.end()
          if (attempt === mine) attempt = undefined
        }
      }),
    dispose: () => connected?.realtime.close(),
  }
}
