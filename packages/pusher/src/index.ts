export { type PusherOptions, pusher } from './pusher.ts'
export type { PusherSdk, PusherSettings } from './sdk/pusher-settings.ts'
