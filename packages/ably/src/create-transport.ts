import type { Transport } from '@syncline/core'
import { Observable } from 'rxjs'
import { type AblySettings, type CreateRealtime, ownRetries } from './ably-options.ts'
import { type Attempt, type AttemptOptions, startAttempt } from './attempt.ts'
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
  open: (environment) => {
    const uplink = { ...options, environment, url: `${url.replace(/\/$/, '')}/ably` }
    let attempt: Attempt | undefined
    let parts: Pick<AttemptOptions, 'line' | 'subscriptions' | 'realtime'> | undefined
    const connect = () => {
      const realtime = create({
        ...options,
        ...ownRetries,
        // Between attempts nobody answers: the SDK gives up by itself.
        authCallback: (_, done) => attempt?.authorize(done),
      })
      const subscriptions = createSubscriptions(realtime, () => ({ modes: ['SUBSCRIBE'] }))
      return { realtime, line: createLine(realtime), subscriptions }
    }
    return {
      attempt: ({ token, frames }) =>
        new Observable((subscriber) => {
          // One that failed has nothing left to go on from, and may be bound to another client id.
          if (!parts || parts.realtime.connection.state === 'failed') parts = connect()
          attempt = startAttempt({ ...parts, uplink: { ...uplink, token }, frames, subscriber })
          return () => {
            attempt?.end()
            attempt = undefined
          }
        }),
      dispose: () => parts?.realtime.close(),
    }
  },
})
