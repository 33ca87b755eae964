import type { HubSettings } from './hub-host.ts'
import type { Step } from './steps.ts'
import type { TabSettings } from './tab-settings.ts'

/** Everything that a history starts from. */
export interface Plan {
  readonly seed: number
  readonly hub: HubSettings
  readonly devices: readonly { readonly locks: 'queue' | 'lease' }[]
  readonly tabs: readonly (TabSettings & { readonly joins: readonly string[]; readonly enters: boolean })[]
  readonly provider: { readonly lost: number; readonly doubled: number; readonly late: number }
  /** Milliseconds that a token holds. */
  readonly tokenLife: number | undefined
  readonly linger: number
  readonly bufferMessages: number
  readonly steps: readonly Step[]
}
