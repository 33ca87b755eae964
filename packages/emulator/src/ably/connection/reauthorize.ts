import { AblyError, toAblyError, toWireError } from '../ably-error.ts'
import { grantModes } from '../channel/attach.ts'
import { leaveAll } from '../channel/presence.ts'
import type { Emulated } from '../emulated.ts'
import { ACTION, FLAG } from '../protocol/frame.ts'
import type { Connection } from './connection.ts'
import { connectedFrame, resolveClientId } from './open-connection.ts'

/**
 * AUTH: the connection goes on with another token.
 *
 * @throws AblyError 4014x for a token that does not count, 40102 for somebody else's
 */
export const reauthorize = (emulated: Emulated, connection: Connection, accessToken: unknown) => {
  const principal = emulated.authenticator.authenticate({
    token: typeof accessToken === 'string' ? accessToken : undefined,
  })
  const { clientId } = connection
  connection.clientId = resolveClientId(principal, clientId === '*' ? undefined : clientId)
  connection.principal = principal
  watchToken(emulated, connection)
  connection.reply(connectedFrame(emulated, connection))
  for (const name of [...connection.attached.keys()]) regrant(emulated, connection, name)
}

/** Has the connection told when its token has expired. */
export const watchToken = (emulated: Emulated, connection: Connection) =>
  emulated.connections.watchToken(connection, () => recheck(emulated, connection))

/** Disconnects the connection if its token does not count any more. */
export const recheck = (emulated: Emulated, connection: Connection) => {
  try {
    emulated.authenticator.recheck(connection.principal)
    watchToken(emulated, connection)
  } catch (thrown) {
    emulated.connections.disconnect(connection, toAblyError(thrown))
  }
}

/** What the new token grants on a channel that is attached already. */
const regrant = (emulated: Emulated, connection: Connection, name: string) => {
  const channel = connection.attached.get(name)
  const attachment = channel?.attachments.get(connection.id)
  if (!channel || !attachment) return
  try {
    const modes = grantModes(connection.principal.capability, name, attachment.asked)
    if (modes === attachment.modes) return
    channel.attachments.set(connection.id, { ...attachment, modes })
    const channelSerial = emulated.serials.format(emulated.serials.last)
    connection.reply({ action: ACTION.attached, channel: name, channelSerial, flags: modes | FLAG.resumed })
  } catch (thrown) {
    if (!(thrown instanceof AblyError)) throw thrown
    detach(emulated, connection, name)
    connection.reply({ action: ACTION.error, channel: name, error: toWireError(thrown) })
  }
}

export const detach = ({ now }: Emulated, connection: Connection, name: string) => {
  const channel = connection.attached.get(name)
  connection.attached.delete(name)
  if (!channel) return
  channel.attachments.delete(connection.id)
  connection.present.delete(channel)
  leaveAll(channel, connection.id, now)
}
