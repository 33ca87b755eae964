/** What the name of a channel says about it. */
export interface ChannelKind {
  /** Who may subscribe; `user` is the channel `#server-to-user-<id>` of one signed-in person. */
  readonly access: 'public' | 'private' | 'presence' | 'user'
  readonly encrypted: boolean
  /** Whether the last event is kept for those who subscribe later. */
  readonly cache: boolean
}

export const USER_CHANNEL = '#server-to-user-'

/** Pusher's channel naming conventions: 164 characters at most. */
const NAME = /^[A-Za-z0-9_\-=@,.;]{1,164}$/

/** @returns undefined where the name is not allowed */
export const channelKind = (name: unknown): ChannelKind | undefined => {
  if (typeof name !== 'string') return undefined
  if (name.startsWith(USER_CHANNEL) && name.length > USER_CHANNEL.length && name.length <= 500)
    return { access: 'user', encrypted: false, cache: false }
  if (!NAME.test(name)) return undefined
  const [, access = 'public', encrypted, cache] =
    /^(?:(private|presence)-)?((?<=^private-)encrypted-)?(cache-)?/.exec(name) ?? []
  return {
    access: access as ChannelKind['access'],
    encrypted: encrypted !== undefined,
    cache: cache !== undefined,
  }
}
