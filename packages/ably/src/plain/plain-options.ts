import type { AuthOptions, ChannelOptions } from 'ably'
import type { AblySettings } from '../ably-options.ts'

/** Options of `plainAbly`: its own, and those of Ably's SDK that Syncline does not decide. */
export interface PlainAblyOptions
  extends AblySettings,
    Pick<AuthOptions, 'authCallback' | 'authUrl' | 'authMethod' | 'authHeaders' | 'authParams'> {
  /**
   * Ably's options for a channel: `{ params: { rewind: '2m' } }` begins with what was said lately, `cipher` decrypts.
   * Default: Ably's own.
   */
  readonly channelOptions?: (channel: string) => ChannelOptions
}
