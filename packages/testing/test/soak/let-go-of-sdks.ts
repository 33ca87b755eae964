import { createRequire } from 'node:module'
import type { Provider } from '../four-providers/room-transports.ts'

interface PusherClass {
  readonly Runtime: { getNetwork(): { unbind_all(): void } }
}
/** The very same copy as our transport has. */
const pusherSdk: PusherClass = createRequire(new URL('../../../pusher/package.json', import.meta.url))(
  'pusher-js',
)

/**
 * Ends what a provider's SDK keeps of clients that are gone, which is not ours to free: pusher-js listens to the
 * network for each of its clients as long as the page lives, with the whole client (some 10 kB).
 */
export const letGoOfSdks = (provider: Provider): void => {
  if (provider === 'pusher') pusherSdk.Runtime.getNetwork().unbind_all()
}
