import { type ErrorCode, SynclineError } from '@syncline/core'
import type { Identity } from '../channel/identity.ts'
import { isPromise } from '../environment/is-promise.ts'
import { withTimeout } from '../environment/timeout.ts'
import type { SessionContext } from './session-context.ts'

/** What `authenticate` may say to the client by throwing a `SynclineError`; anything else is `unauthenticated`. */
const authenticationCodes: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'unauthenticated',
  'token-expired',
  'forbidden',
  'rate-limited',
  'try-later',
])
/** How long a client waits that could not be told whose it is, in milliseconds. */
const retryAfter = 1_000

/** Resolves once the store is open. @throws SynclineError `store-unavailable` if it is not, or not in time */
export const storeOpened = async ({
  environment,
  ready,
  authenticateTimeout,
}: SessionContext): Promise<void> => {
  const late = () => new Error('The store is not open yet.')
  try {
    await withTimeout(environment, ready, authenticateTimeout, late)
  } catch (cause) {
    throw new SynclineError('store-unavailable', { retryAfter, cause })
  }
}

/** In a line: what is expected needs no stack. */
const reasonOf = ({ detail, cause, remedy }: SynclineError): string =>
  detail ?? (cause instanceof Error ? cause.message : remedy)

/** Whose a link is. @throws SynclineError what the client is told */
export const authenticateLink = async (
  { environment, logger, authenticate, authenticateTimeout }: SessionContext,
  session: string,
  shown: { readonly token: string | undefined; readonly address: () => string | undefined },
): Promise<Identity> => {
  const late = () => new SynclineError('try-later', { retryAfter, detail: 'authenticate took too long.' })
  try {
    const user = authenticate({
      token: shown.token,
      get address() {
        return shown.address()
      },
    })
    return isPromise(user)
      ? await withTimeout(environment, Promise.resolve(user), authenticateTimeout, late)
      : user
  } catch (cause) {
    if (cause instanceof SynclineError && authenticationCodes.has(cause.code)) {
      logger.warn({ session, code: cause.code }, `authenticate refused a link: ${reasonOf(cause)}`)
      throw cause
    }
    logger.warn({ session, error: cause }, 'authenticate threw')
    throw new SynclineError('unauthenticated', { cause })
  }
}
