import type { WelcomeFrame } from '@syncline/core/protocol'

/** A hub's usual welcome, to `ada`. */
export const welcome: WelcomeFrame = {
  type: 'welcome',
  version: 1,
  session: 's1',
  subject: 'ada',
  heartbeat: 15_000,
  limits: { frameBytes: 65_536, writesInFlight: 256, channels: 100 },
}
