import type { Channel, Options } from 'pusher-js'

/** A client of pusher-js, of whichever of its builds. */
export type PusherSdk = Channel['pusher']

/** What Syncline decides, and what Pusher has given up for newer options. */
type Decided =
  | 'auth'
  | 'authEndpoint'
  | 'authTransport'
  | 'authorizer'
  | 'channelAuthorization'
  | 'cluster'
  | 'disableStats'
  | 'nacl'
  | 'userAuthentication'

/** The options of pusher-js that stay yours (`wsHost`, `wsPort`, `forceTLS`, `enabledTransports`, …). */
export interface PusherSettings extends Omit<Options, Decided> {
  /** The key of the app at Pusher. It is public; the secret stays on the server. */
  readonly key: string
  /** The app's cluster. Default `mt1`, as at Pusher; of no use where `wsHost` is given. */
  readonly cluster?: string
  /** The package `tweetnacl`, for encrypted channels with the usual build of pusher-js. */
  readonly nacl?: object
  /**
   * Makes the client in place of pusher-js's usual build: `pusher-js/with-encryption`, or the one for workers. Called
   * once for each session, with options that it must take. From then on the client belongs to Syncline.
   */
  readonly sdk?: (key: string, options: Options) => PusherSdk
}
