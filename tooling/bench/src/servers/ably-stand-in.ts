import type { Socket } from 'node:net'
import { ablyGateway } from '@syncline/ably/hub'
import type { Rest, TokenDetails, TokenParams } from 'ably'
import type { StandIn } from './managed.ts'
import { acceptWebSocket, textFrame } from './web-socket.ts'

/** Ably's protocol actions (TR2 of its feature spec). */
const ACTION = { heartbeat: 0, connected: 4, attach: 10, attached: 11, detach: 12, detached: 13, message: 15 }

interface ClientFrame {
  readonly action: number
  readonly channel?: string
  readonly flags?: number
}

/** Ably's realtime protocol in JSON, for one client that does everything right. */
export const createAblyStandIn = (): StandIn => {
  let client: Socket | undefined
  let clientId: string | undefined
  let published = 0
  const send = (frame: object): void => {
    client?.write(textFrame(JSON.stringify(frame)))
  }
  const serial = (n: number) => `${String(Date.now()).padStart(14, '0')}-${String(n).padStart(12, '0')}@bench`
  const answer = ({ action, channel, flags }: ClientFrame): void => {
    if (action === ACTION.attach)
      send({ action: ACTION.attached, channel, flags, channelSerial: serial(published) })
    if (action === ACTION.detach) send({ action: ACTION.detached, channel })
    if (action === ACTION.heartbeat) send({ action })
  }
  const deliver = (channel: string, messages: readonly object[]): void => {
    const timestamp = Date.now()
    const channelSerial = serial(++published)
    send({
      action: ACTION.message,
      channel,
      channelSerial,
      timestamp,
      messages: messages.map((message, index) => {
        const own = `${channelSerial}:${String(index).padStart(3, '0')}`
        return { ...message, timestamp, action: 0, serial: own, version: { serial: own, timestamp } }
      }),
    })
  }
  const requestToken = async (params: TokenParams): Promise<TokenDetails> => {
    clientId = params.clientId
    const issued = Date.now()
    const capability = JSON.stringify(params.capability)
    return {
      token: 'bench',
      clientId,
      issued,
      expires: issued + (params.ttl ?? 0),
      capability,
    } as TokenDetails
  }
  const rest = {
    auth: { requestToken },
    channels: {
      get: (name: string) => ({ publish: async (messages: readonly object[]) => deliver(name, messages) }),
      release: () => {},
    },
  }
  return {
    gateway: ablyGateway({ rest: rest as unknown as Rest }),
    accept: (request, socket) => {
      client = socket
      acceptWebSocket(request, socket, (text) => text.startsWith('{') && answer(JSON.parse(text)))
      send({
        action: ACTION.connected,
        connectionId: 'bench',
        connectionDetails: {
          connectionKey: 'bench!key',
          ...(clientId && { clientId }),
          maxMessageSize: 65_536,
          connectionStateTtl: 120_000,
          maxIdleInterval: 600_000,
        },
      })
    },
    // As the SDK publishes it, with the id that it gives (RSL1k1).
    publish: (message) =>
      deliver('feed', [
        { id: `bench-${published}:0`, name: 'message', data: JSON.stringify(message), encoding: 'json' },
      ]),
  }
}
