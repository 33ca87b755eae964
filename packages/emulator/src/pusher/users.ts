import type { App } from './app.ts'
import type { Connection, User } from './connection.ts'
import { errorFrame, eventFrame, parseObject } from './frames.ts'
import { sameText, sign } from './signature.ts'

/** Who is signed in, and who watches whom. */
export interface Users {
  /** Answers `pusher:signin`. Bad credentials end the connection with 4009. */
  signIn(connection: Connection, data: unknown): void
  signOut(connection: Connection): void
  /** Closes all connections of a person with 4009. */
  terminate(userId: string): void
}

export const createUsers = (app: App): Users => {
  const online = new Map<string, Set<Connection>>()
  const watchers = new Map<string, Set<Connection>>()

  const tellWatchers = (userId: string, name: 'online' | 'offline') => {
    for (const watcher of watchers.get(userId) ?? []) sendWatchlist(watcher, [{ name, user_ids: [userId] }])
  }
  const watch = (connection: Connection, { watchlist }: User) => {
    for (const id of watchlist) addTo(watchers, id, connection)
    if (watchlist.length === 0) return
    const events = (['online', 'offline'] as const)
      .map((name) => ({ name, user_ids: watchlist.filter((id) => online.has(id) === (name === 'online')) }))
      .filter(({ user_ids }) => user_ids.length > 0)
    sendWatchlist(connection, events)
  }
  const signOut = (connection: Connection) => {
    const { user } = connection
    if (!user) return
    connection.user = undefined
    for (const id of user.watchlist) removeFrom(watchers, id, connection)
    removeFrom(online, user.id, connection)
    if (!online.has(user.id)) tellWatchers(user.id, 'offline')
  }
  return {
    signIn: (connection, data) => {
      const request = parseObject(data)
      const user = readUser(app, connection.id, request)
      if (typeof user === 'string') {
        connection.link.send(errorFrame(4009, user))
        return connection.link.close(4009, 'Connection is unauthorized')
      }
      if (user.watchlist.length > app.limits.watchlist)
        return connection.link.send(errorFrame(4302, 'Watchlist limit exceeded'))
      signOut(connection)
      connection.user = user
      const first = !online.has(user.id)
      addTo(online, user.id, connection)
      connection.link.send(eventFrame('pusher:signin_success', { user_data: request?.user_data }))
      if (first) tellWatchers(user.id, 'online')
      watch(connection, user)
    },
    signOut,
    terminate: (userId) => {
      for (const { link } of [...(online.get(userId) ?? [])]) {
        link.send(errorFrame(4009, 'Connection terminated by the app'))
        link.close(4009, 'Connection terminated by the app')
      }
    },
  }
}

/** @returns what is wrong, as text */
const readUser = (
  app: App,
  socketId: string,
  request: Record<string, unknown> | undefined,
): User | string => {
  const { auth, user_data: userData } = request ?? {}
  if (typeof auth !== 'string' || typeof userData !== 'string') return 'Signing in needs auth and user_data.'
  const text = `${socketId}::user::${userData}`
  if (!sameText(auth, `${app.key}:${sign(app.secret, text)}`))
    return `Invalid signature: Expected HMAC SHA256 hex digest of ${text}`
  const user = parseObject(userData)
  if (!user || typeof user.id !== 'string' || user.id === '') return 'user_data must be JSON with an id.'
  const watchlist = Array.isArray(user.watchlist) ? user.watchlist.map(String) : []
  return { id: user.id, info: user.user_info ?? null, watchlist: [...new Set(watchlist)] }
}

const sendWatchlist = (
  { link }: Connection,
  events: readonly { readonly name: string; readonly user_ids: readonly string[] }[],
) => link.send(eventFrame('pusher_internal:watchlist_events', { events }))

const addTo = (sets: Map<string, Set<Connection>>, id: string, connection: Connection) => {
  const set = sets.get(id)
  if (set) set.add(connection)
  else sets.set(id, new Set([connection]))
}

const removeFrom = (sets: Map<string, Set<Connection>>, id: string, connection: Connection) => {
  const set = sets.get(id)
  set?.delete(connection)
  if (set?.size === 0) sets.delete(id)
}
