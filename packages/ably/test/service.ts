import * as Ably from 'ably'
import type { AblySettings } from '../src/index.ts'
import { local } from './emulated.ts'

const { ABLY_API_KEY, ABLY_HOST, ABLY_PORT } = process.env

export const given: boolean = Boolean(ABLY_API_KEY)

/** A server that speaks the protocol without TLS stands in for the service. */
const standIn = ABLY_HOST && ABLY_PORT ? { host: ABLY_HOST, port: Number(ABLY_PORT) } : undefined

export const place: string = standIn ? `Ably at ${ABLY_HOST}:${ABLY_PORT}` : 'Ably itself'

/** Options of the transport, or the plain one. */
export const settings: AblySettings = standIn
  ? local(standIn, { useBinaryProtocol: false })
  : {
      transports: ['web_socket'],
      disableConnectivityCheck: true,
      // A test that counts connections would see those that are kept for the next request.
      restAgentOptions: { keepAlive: false },
    }

/** The server SDK. */
export const createRest = (): Ably.Rest => new Ably.Rest({ ...settings, key: ABLY_API_KEY ?? '' })
