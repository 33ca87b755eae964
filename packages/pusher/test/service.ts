import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import Pusher from 'pusher'
import type { PusherOptions } from '../src/index.ts'

const { PUSHER_APP_ID, PUSHER_KEY, PUSHER_SECRET, PUSHER_CLUSTER, PUSHER_HOST, PUSHER_PORT } = process.env

export const takes =
  'PUSHER_APP_ID, PUSHER_KEY, PUSHER_SECRET and PUSHER_CLUSTER (or PUSHER_HOST and PUSHER_PORT)'

/** A server that speaks the protocol without TLS stands in for the service. */
const standIn = Boolean(PUSHER_HOST && PUSHER_PORT)

export const given: boolean = Boolean(
  PUSHER_APP_ID && PUSHER_KEY && PUSHER_SECRET && (PUSHER_CLUSTER || standIn),
)

export const place: string = standIn ? `Pusher at ${PUSHER_HOST}:${PUSHER_PORT}` : 'Pusher itself'

/** Options of the transport, or the plain one. */
export const settings: PusherOptions = {
  key: PUSHER_KEY ?? '',
  enabledTransports: ['ws'],
  ...(standIn
    ? { wsHost: PUSHER_HOST ?? '', wsPort: Number(PUSHER_PORT), forceTLS: false }
    : { cluster: PUSHER_CLUSTER ?? '' }),
}

// Node's own agent keeps connections open, and a test that counts sockets would see them.
const agent = standIn ? new HttpAgent({ keepAlive: false }) : new HttpsAgent({ keepAlive: false })

/** The server SDK. */
export const createSdk = (): Pusher =>
  new Pusher({
    appId: PUSHER_APP_ID ?? '',
    key: PUSHER_KEY ?? '',
    secret: PUSHER_SECRET ?? '',
    encryptionMasterKeyBase64: Buffer.alloc(32, 7).toString('base64'),
    agent,
    ...(standIn
      ? { host: PUSHER_HOST ?? '', port: PUSHER_PORT ?? '', useTLS: false }
      : { cluster: PUSHER_CLUSTER ?? '', useTLS: true }),
  })
