import type { App } from './app.ts'
import { type ChannelKind, channelKind, USER_CHANNEL } from './channel-kind.ts'
import type { Channels } from './channels.ts'
import type { Connection, Member } from './connection.ts'
import { errorFrame, eventFrame, parseObject } from './frames.ts'
import { sameText, sign } from './signature.ts'

/** Why a subscription is refused, as `pusher:subscription_error` tells it. */
interface Refusal {
  readonly type: 'AuthError' | 'InvalidChannel' | 'LimitReached'
  readonly error: string
  readonly status: number
}

/** Answers `pusher:subscribe`: with success, or with the reason why not. */
export const subscribe = (app: App, channels: Channels, connection: Connection, data: unknown) => {
  const request = parseObject(data)
  const name = request?.channel
  if (typeof name !== 'string')
    return connection.link.send(errorFrame(null, 'A subscription needs a channel.'))
  if (connection.channels.has(name))
    return connection.link.send(errorFrame(null, `Existing subscription to channel ${name}`))
  const kind = channelKind(name)
  const admission = kind
    ? admit(app, channels, connection, kind, { ...request, channel: name })
    : refuse('InvalidChannel', `Invalid channel name: ${name.slice(0, 200)}`, 400)
  if ('error' in admission) return tell(app, connection, name, admission)
  channels.add(connection, name, kind!, admission.member)
}

const tell = (app: App, { link }: Connection, channel: string, refusal: Refusal) =>
  link.send(
    app.refusals === 'pusher:error'
      ? errorFrame(null, refusal.error)
      : eventFrame('pusher:subscription_error', refusal, channel),
  )

interface Request {
  readonly channel: string
  readonly auth?: unknown
  readonly channel_data?: unknown
}

type Admission = { readonly member: Member | undefined } | Refusal

const refuse = (type: Refusal['type'], error: string, status: number): Refusal => ({ type, error, status })

const admit = (
  app: App,
  channels: Channels,
  connection: Connection,
  kind: ChannelKind,
  request: Request,
): Admission => {
  if (connection.channels.size >= app.limits.channelsPerConnection)
    return refuse('LimitReached', 'This connection has too many channels.', 403)
  if (kind.access === 'public') return { member: undefined }
  if (kind.access === 'user')
    return request.channel === USER_CHANNEL + connection.user?.id
      ? { member: undefined }
      : refuse('AuthError', 'Only the person who is signed in may subscribe to their own channel.', 401)
  const problem = checkAuth(app, connection, request)
  if (problem) return problem
  return kind.access === 'presence' ? admitMember(app, channels, connection, request) : { member: undefined }
}

const checkAuth = (app: App, { id }: Connection, { channel, auth, channel_data }: Request) => {
  if (typeof auth !== 'string' || auth === '')
    return refuse('AuthError', `Auth info required to subscribe to ${channel}`, 401)
  if (channel_data !== undefined && typeof channel_data !== 'string')
    return refuse('AuthError', 'channel_data must be the JSON text that was signed.', 401)
  const text = channel_data === undefined ? `${id}:${channel}` : `${id}:${channel}:${channel_data}`
  if (sameText(auth, `${app.key}:${sign(app.secret, text)}`)) return undefined
  const reason = auth.startsWith(`${app.key}:`)
    ? `Invalid signature: Expected HMAC SHA256 hex digest of ${text}, but got ${auth.slice(app.key.length + 1)}`
    : `Invalid key in subscription auth data: '${auth.split(':')[0]}'`
  return refuse('AuthError', reason, 401)
}

const admitMember = (
  app: App,
  channels: Channels,
  { user }: Connection,
  { channel, channel_data }: Request,
): Admission => {
  const member =
    channel_data === undefined ? user && { id: user.id, info: user.info } : readMember(channel_data)
  if (!member)
    return refuse('AuthError', 'channel_data must be JSON with a user_id, or the person signed in.', 401)
  if (typeof channel_data === 'string' && Buffer.byteLength(channel_data) > app.limits.memberBytes)
    return refuse('LimitReached', `A member's data may have ${app.limits.memberBytes} bytes at most.`, 413)
  const members = channels.get(channel)?.members
  if (members && !members.has(member.id) && members.size >= app.limits.members)
    return refuse('LimitReached', `A presence channel may have ${app.limits.members} members at most.`, 403)
  return { member }
}

const readMember = (channelData: unknown): Member | undefined => {
  const data = parseObject(channelData)
  const id = data?.user_id
  if ((typeof id !== 'string' && typeof id !== 'number') || id === '') return undefined
  return { id: String(id), info: data?.user_info ?? null }
}
