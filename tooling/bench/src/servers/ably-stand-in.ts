import { ablyGateway } from '@syncline/ably/hub'
import type { Rest, TokenDetails, TokenParams } from 'ably'
import type { Emit, StandIn } from './managed.ts'
import { acceptWebSocket, textFrame } from './web-socket.ts'

/** Ably's protocol actions (TR2 of its feature spec). */
const ACTION = {
  heartbeat: 0,
  connected: 4,
  attach: 10,
  attached: 11,
  detach: 12,
  detached: 13,
  message: 15,
  auth: 17,
}

interface ClientFrame {
  readonly action: number
  readonly channel?: string
  readonly flags?: number
}

const encode = (frame: object): Buffer => textFrame(JSON.stringify(frame))

const serial = (n: number): string =>
  `${String(Date.now()).padStart(14, '0')}-${String(n).padStart(12, '0')}@bench`

const answer = ({ action, channel, flags }: ClientFrame): Buffer | undefined => {
  if (action === ACTION.attach)
    return encode({ action: ACTION.attached, channel, flags, channelSerial: serial(0) })
  if (action === ACTION.detach) return encode({ action: ACTION.detached, channel })
  return action === ACTION.heartbeat ? encode({ action }) : undefined
}

/** Ably's realtime protocol in JSON, for one client that does everything right. */
export const createAblyStandIn = (emit: Emit): StandIn => {
  let clientId: string | undefined
  let published = 0
  const deliver = (channel: string, messages: readonly object[]): void => {
    const timestamp = Date.now()
    const channelSerial = serial(++published)
    const items = messages.map((message, index) => {
      const own = `${channelSerial}:${String(index).padStart(3, '0')}`
      return { ...message, timestamp, action: 0, serial: own, version: { serial: own, timestamp } }
    })
    emit(encode({ action: ACTION.message, channel, channelSerial, timestamp, messages: items }))
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
  /** Also the answer to a new token on an open connection (RTC8a1). */
  const connected = (): Buffer => {
    const connectionDetails = {
      connectionKey: 'bench!key',
      ...(clientId && { clientId }),
      maxMessageSize: 65_536,
      connectionStateTtl: 120_000,
      maxIdleInterval: 600_000,
    }
    return encode({ action: ACTION.connected, connectionId: 'bench', connectionDetails })
  }
  return {
    gateway: ablyGateway({ rest: rest as unknown as Rest }),
    accept: (request, socket) => {
      acceptWebSocket(request, socket, (text) => {
        if (!text.startsWith('{')) return
        const sent = JSON.parse(text) as ClientFrame
        const frame = sent.action === ACTION.auth ? connected() : answer(sent)
        if (frame) socket.write(frame)
      })
      socket.write(connected())
    },
    // As the SDK publishes it, with the id that it gives (RSL1k1).
    publish: (message) =>
      deliver('feed', [
        { id: `bench-${published}:0`, name: 'message', data: JSON.stringify(message), encoding: 'json' },
      ]),
  }
}
