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
