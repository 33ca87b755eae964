import { SynclineError } from '@syncline/core'
import type { PlainTransportEvent, PlainTransportSession } from '@syncline/core/plain'
import type { ErrorInfo } from 'ably'
import { Observable, type Subscriber } from 'rxjs'
import { ablyError } from '../ably-error.ts'
import { type CreateRealtime, ownRetries } from '../ably-options.ts'
import { createLine, isTokenError } from '../line.ts'
import { createSubscriptions } from '../subscriptions.ts'
import { createPlainLink } from './plain-link.ts'
import type { PlainAblyOptions } from './plain-options.ts'

/** A session at Ably alone: the SDK client and its channels live through all attempts. */
export const createPlainSession = (
  { channelOptions, ...settings }: PlainAblyOptions,
  create: CreateRealtime,
): PlainTransportSession => {
  const renews = !!(settings.authCallback ?? settings.authUrl)
  let current: string | undefined
  const connect = () => {
    const realtime = create({
      ...settings,
      ...(!renews && { authCallback: (_, done) => done(null, current ?? null) }),
      ...ownRetries,
      queueMessages: false,
    })
    const subscriptions = createSubscriptions(realtime, (name) => channelOptions?.(name) ?? {})
    return { realtime, line: createLine(realtime), subscriptions }
  }
  let connected: ReturnType<typeof connect> | undefined

  const attempt = (subscriber: Subscriber<PlainTransportEvent>, token: string | undefined) => {
    if (!renews && token === undefined)
      return subscriber.error(
        new SynclineError('unauthenticated', {
          detail: 'Give authCallback or authUrl, or the client a token.',
        }),
      )
    const isFresh = !renews && token !== current
    current = token
    if (connected?.realtime.connection.state === 'failed') connected = undefined
    connected ??= connect()
    const { realtime, line, subscriptions } = connected
    let opened = false
    subscriptions.hear = (channel, { current: state, reason }, message) => {
      if (message) {
        const { name = '', data } = message
        subscriber.next({ type: 'event', event: { channel, event: name, data } })
      } else if (state === 'detached') subscriptions.hold(channel, channel)
      else if (state === 'failed' || state === 'suspended')
        subscriber.next({
          type: 'error',
          error: ablyError('Ably gave the channel up', reason, undefined, channel),
        })
    }
    const fail = (error: unknown) => subscriber.error(ablyError('Ably took no token', error, codeOf(error)))
    const hangUp = line.dial(
      // A fresh token of core's takes the place of the one that the SDK keeps.
      () => (isFresh ? void realtime.auth.authorize().catch(fail) : realtime.connection.connect()),
      (continuity) => {
        if (!opened)
          subscriber.next({ type: 'open', continuity, link: createPlainLink(realtime, subscriptions) })
        opened = true
      },
      (reason, code) =>
        subscriber.error(ablyError('Ably ended the connection', reason, codeOf(reason) ?? code)),
    )
    return () => {
      subscriptions.hear = undefined
      hangUp()
    }
  }
  return {
    attempt: ({ token }) => new Observable((subscriber) => attempt(subscriber, token)),
    dispose: () => connected?.realtime.close(),
  }
}

/** Whether it was the token; undefined: something else. Of 80019 the SDK's state says whether it may pass (RSA4d). */
const codeOf = (error: unknown) => {
  const { code, statusCode } = (error ?? {}) as Partial<ErrorInfo>
  if (isTokenError(error as ErrorInfo)) return 'token-expired'
  if (statusCode === 403 || (statusCode === 401 && code !== 80_019)) return 'unauthenticated'
  return undefined
}
