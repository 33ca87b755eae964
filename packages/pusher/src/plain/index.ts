export { type PlainPusherOptions, plainPusher } from './plain-pusher.ts'
export type { ClientEventChannel, PlainPusherClient, PresentChannel } from './plain-pusher-client.ts'
