import { SynclineError } from '@syncline/core'
import type { PlainTransportEvent, PlainTransportSession } from '@syncline/core/plain'
import type { ErrorInfo } from 'ably'
import { Observable, type Subscriber } from 'rxjs'
import { ablyError } from '../ably-error.ts'
import { type CreateRealtime, ownRetries } from '../ably-options.ts'
import { createLine, isTokenError } from '../line.ts'
import { attach, createSubscriptions } from '../subscriptions.ts'
import type { PlainAblyOptions } from './plain-ably.ts'
import { createPlainLink } from './plain-link.ts'

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
    })
    const subscriptions = createSubscriptions(realtime, (name) => channelOptions?.(name) ?? {})
    return { realtime, line: createLine(realtime, renews), subscriptions }
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
    subscriptions.listener = {
      message: (channel, { name = '', data }) =>
        subscriber.next({ type: 'event', event: { channel, event: name, data } }),
      changed: (channel, { current: state, reason }) => {
        const used = subscriptions.held.get(channel)
        if (state === 'detached' && used?.wanted) attach(used.channel)
        else if (state === 'failed' || state === 'suspended')
          subscriber.next({
            type: 'error',
            error: ablyError('Ably gave the channel up', reason, undefined, channel),
          })
      },
    }
    const fail = (error: unknown) => subscriber.error(ablyError('Ably took no token', error, codeOf(error)))
    const hangUp = line.dial(
      {
        connected: (continuity) => {
          if (!opened)
            subscriber.next({ type: 'open', continuity, link: createPlainLink(realtime, subscriptions) })
          opened = true
        },
        ended: (error) =>
          subscriber.error(ablyError(error.detail ?? '', error.cause, codeOf(error.cause) ?? error.code)),
      },
      // A fresh token of core's takes the place of the one that the SDK keeps.
      () => (isFresh ? void realtime.auth.authorize().catch(fail) : realtime.connection.connect()),
    )
    return () => {
      subscriptions.listener = undefined
      hangUp()
      if (opened) subscriptions.prune()
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
