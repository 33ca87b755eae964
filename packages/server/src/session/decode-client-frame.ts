import { SynclineError } from '@syncline/core'
import type {
  Anchor,
  AuthFrame,
  ClientFrame,
  EnterFrame,
  FetchFrame,
  HeadsRequestFrame,
  HelloFrame,
  JoinFrame,
  LeaveFrame,
  PresenceStatus,
  SharedPresence,
  SnapshotRequestFrame,
  UpdateFrame,
  WireWrite,
  WritesFrame,
} from '@syncline/core/protocol'

type Fields = Readonly<Record<string, unknown>>

/** The longest name, id or token, in characters. */
const longestText = 256
const longestToken = 16_384

const malformed = (what: string): never => {
  throw new SynclineError('malformed-frame', { detail: `${what} is missing or not what it should be.` })
}

const isText = (value: unknown, longest = longestText): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= longest

const isCount = (value: unknown, least: number): value is number =>
  Number.isSafeInteger(value) && (value as number) >= least

const text = (value: unknown, what: string): string => (isText(value) ? value : malformed(what))

/** Whatever a client may have been told, by whomever: one that is none of ours is told that it is gone. */
const anchor = (value: unknown, what: string): Anchor => {
  if (typeof value !== 'object' || value === null) return malformed(what)
  const { epoch, seq, id } = value as Fields
  if (typeof epoch !== 'string' || !isCount(seq, 0) || typeof id !== 'string') return malformed(what)
  return { epoch, seq, id }
}

const hello = ({ version, client, identity }: Fields): HelloFrame => {
  if (!isCount(version, 0)) return malformed('version')
  if (identity !== undefined && !isText(identity)) return malformed('identity')
  return {
    type: 'hello',
    version,
    client: text(client, 'client'),
    ...(identity !== undefined && { identity }),
  }
}

const auth = ({ token }: Fields): AuthFrame =>
  isText(token, longestToken) ? { type: 'auth', token } : malformed('token')

const join = ({ channel, at, snapshot }: Fields): JoinFrame => {
  if (snapshot !== undefined && typeof snapshot !== 'boolean') return malformed('snapshot')
  return {
    type: 'join',
    channel: text(channel, 'channel'),
    ...(at !== undefined && { at: anchor(at, 'at') }),
    ...(snapshot !== undefined && { snapshot }),
  }
}

const leave = ({ channel }: Fields): LeaveFrame => ({ type: 'leave', channel: text(channel, 'channel') })

const fetch = ({ channel, after, limit }: Fields): FetchFrame => {
  if (limit !== undefined && !isCount(limit, 1)) return malformed('limit')
  return {
    type: 'fetch',
    channel: text(channel, 'channel'),
    after: anchor(after, 'after'),
    ...(limit !== undefined && { limit }),
  }
}

const snapshot = ({ channel }: Fields): SnapshotRequestFrame => ({
  type: 'snapshot',
  channel: text(channel, 'channel'),
})

const heads = ({ channels }: Fields): HeadsRequestFrame => {
  if (!Array.isArray(channels)) return malformed('channels')
  for (const channel of channels) text(channel, 'channels')
  return { type: 'heads', channels }
}

const isStatus = (status: unknown): status is PresenceStatus =>
  status === 'active' || status === 'idle' || status === 'away'

const sharing = <T extends 'enter' | 'update'>(
  type: T,
  { channel, state, status, typing, cursor }: Fields,
): { readonly type: T; readonly channel: string } & SharedPresence => {
  if (status !== undefined && !isStatus(status)) return malformed('status')
  if (typing !== undefined && typeof typing !== 'boolean') return malformed('typing')
  return {
    type,
    channel: text(channel, 'channel'),
    ...(state !== undefined && { state }),
    ...(status !== undefined && { status }),
    ...(typing !== undefined && { typing }),
    ...(cursor !== undefined && { cursor }),
  }
}

const isKind = (kind: unknown): boolean => kind === 'mutate' || kind === 'publish' || kind === 'void'

/** What is wrong with a write, if anything is. */
const wrongInWrite = (write: unknown): string | undefined => {
  if (!Array.isArray(write)) return 'writes'
  const [n, id, kind, name, , version] = write
  if (!isCount(n, 1)) return 'n'
  if (!isText(id)) return 'id'
  if (!isKind(kind)) return 'kind'
  if (typeof name !== 'string' || name.length > longestText) return 'name'
  return isCount(version, 0) ? undefined : 'contractVersion'
}

const writes = (frame: Fields): WritesFrame => {
  if (!Array.isArray(frame.writes)) return malformed('writes')
  if (!isCount(frame.generation, 1)) return malformed('generation')
  if (!isCount(frame.answered, 0)) return malformed('answered')
  for (const write of frame.writes) {
    const wrong = wrongInWrite(write)
    if (wrong) return malformed(wrong)
  }
  return {
    type: 'writes',
    channel: text(frame.channel, 'channel'),
    client: text(frame.client, 'client'),
    generation: frame.generation,
    answered: frame.answered,
    writes: frame.writes as readonly WireWrite[],
  }
}

/**
 * A client's frame, known to be one: everything from outside passes here first.
 * @throws SynclineError `malformed-frame` with what is wrong, never with the data itself
 */
export const decodeClientFrame = (value: unknown): ClientFrame => {
  if (typeof value !== 'object' || value === null) return malformed('frame')
  const frame = value as Fields
  switch (frame.type) {
    case 'writes':
      return writes(frame)
    case 'ping':
      return { type: 'ping' }
    case 'join':
      return join(frame)
    case 'leave':
      return leave(frame)
    case 'fetch':
      return fetch(frame)
    case 'snapshot':
      return snapshot(frame)
    case 'heads':
      return heads(frame)
    case 'enter':
      return sharing('enter', frame) satisfies EnterFrame
    case 'update':
      return sharing('update', frame) satisfies UpdateFrame
    case 'exit':
    case 'watch':
    case 'unwatch':
      return { type: frame.type, channel: text(frame.channel, 'channel') }
    case 'auth':
      return auth(frame)
    case 'hello':
      return hello(frame)
    default:
      return malformed('type')
  }
}
