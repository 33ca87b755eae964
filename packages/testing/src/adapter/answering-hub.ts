import type { ClientFrame } from '@syncline/core/protocol'
import { welcome } from './welcome.ts'

/** The answers of the provider's own actions, by their name (`/token`): to what a client asks, with its channels. */
type Actions = Readonly<Record<string, (body: { readonly channels?: readonly string[] }) => unknown>>

/**
 * The hub's half of an uplink at `http://hub` as `fetch`: what it usually answers, and other answers where they are given.
 *
 * @param path where the gateway is, as `/ably`
 * @param provider what the session's first answer tells of the provider
 */
export const createAnsweringHub = (
  path: string,
  actions: Actions,
  answers: Readonly<Record<string, unknown>> = {},
  provider?: unknown,
): { readonly received: readonly ClientFrame[]; readonly fetch: typeof globalThis.fetch } => {
  const received: ClientFrame[] = []
  const usual: Actions = {
    '': () => ({ session: 's', wake: 'w', heartbeat: 15_000, provider, frames: [welcome] }),
    '/send': () => ({ frames: [] }),
    '/close': () => null,
    ...actions,
  }
  const fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const action = url.slice(`http://hub${path}`.length)
    const body = JSON.parse(String(init.body))
    if (action === '/send') received.push(...body.frames)
    const answer = Object.hasOwn(answers, action) ? answers[action] : usual[action]?.(body)
    return new Response(JSON.stringify(answer) ?? '')
  }
  return { received, fetch: fetch as typeof globalThis.fetch }
}
