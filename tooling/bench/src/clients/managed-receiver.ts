// One client of a managed provider that handles messages, in a process of its own: through Syncline, or by the bare
// SDK. Arguments: whom it speaks to, and the port, which the hub and the provider share.
import { ably } from '@syncline/ably'
import { pusher } from '@syncline/pusher'
import { Realtime } from 'ably'
import imported from 'pusher-js'
import { serveCalls } from '../process/serve-calls.ts'
import type { ManagedPeer } from '../servers/managed.ts'
import { openFeed } from './open-feed.ts'
import { createReceipt } from './receipt.ts'

const [peer, port] = process.argv.slice(2) as [ManagedPeer, string]
const host = '127.0.0.1'
const hub = `http://${host}:${port}/syncline`

const atPusher = {
  cluster: 'local',
  wsHost: host,
  wsPort: Number(port),
  forceTLS: false,
  enabledTransports: ['ws' as const],
}
const atAbly = {
  endpoint: host,
  port: Number(port),
  tls: false,
  fallbackHosts: [],
  disableConnectivityCheck: true,
  // What browsers speak unless told otherwise; Node would speak MessagePack.
  useBinaryProtocol: false,
}

/** At run time the default import is the class; to TypeScript it is the module. */
const Pusher = imported as unknown as typeof imported.default

const receipt = createReceipt()
const { onMessage } = receipt

const openPusher = () =>
  new Promise<void>((resolve) => {
    const channel = new Pusher('key', atPusher).subscribe('feed')
    channel.bind('message', onMessage)
    channel.bind('pusher:subscription_succeeded', resolve)
  })
const openAbly = async () => {
  const channel = new Realtime({ ...atAbly, authCallback: (_, done) => done(null, 'bench') }).channels.get(
    'feed',
    { modes: ['SUBSCRIBE'] },
  )
  await channel.subscribe('message', ({ data }) => onMessage(data))
}
const open: Record<ManagedPeer, () => Promise<unknown>> = {
  'hub.pusher': () => openFeed(pusher(hub, { key: 'key', ...atPusher }), onMessage),
  'hub.ably': () => openFeed(ably(hub, atAbly), onMessage),
  'plain.pusher': openPusher,
  'plain.ably': openAbly,
}
await open[peer]()
serveCalls(receipt.methods)
