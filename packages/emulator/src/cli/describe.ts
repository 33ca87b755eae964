/** What the Pusher emulator says of itself. */
interface PusherFacts {
  readonly host: string
  readonly port: number
  readonly appId: string
  readonly key: string
  readonly secret: string
}

/** What is printed once Pusher's emulator listens: what to give to the SDKs. */
export const describePusher = ({ host, port, appId, key, secret }: PusherFacts): string => `
Pusher    http://${host}:${port}
  client  new Pusher('${key}', { cluster: 'local', wsHost: '${host}', wsPort: ${port}, forceTLS: false, enabledTransports: ['ws'] })
  server  new Pusher({ appId: '${appId}', key: '${key}', secret: '${secret}', host: '${host}', port: '${port}', useTLS: false })
`

/** The same for Ably's. */
export const describeAbly = ({ host, port, key }: { host: string; port: number; key: string }): string => `
Ably      http://${host}:${port}
  client  new Ably.Realtime({ authUrl: '/your/token/endpoint', endpoint: '${host}', port: ${port}, tls: false, fallbackHosts: [] })
  server  new Ably.Rest({ key: '${key}', endpoint: '${host}', port: ${port}, tls: false, fallbackHosts: [] })
`
