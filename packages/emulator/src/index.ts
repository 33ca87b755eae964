export type { AblyFaults } from './ably/ably-faults.ts'
export type { AblyLimits } from './ably/ably-limits.ts'
export type { AblyKey } from './ably/auth/api-keys.ts'
export { type AblyEmulator, type AblyEmulatorOptions, startAblyEmulator } from './ably/start-ably-emulator.ts'
export type { PusherLimits } from './pusher/limits.ts'
export {
  type PusherConnection,
  type PusherEmulator,
  type PusherEmulatorOptions,
  type PusherFaults,
  startPusherEmulator,
} from './pusher/start-pusher-emulator.ts'
export type { WebhookEvent, WebhookName, WebhookOptions } from './pusher/webhooks.ts'
export type { Faults, RestFault } from './shared/faults.ts'
