/** What a tab is at the moment: a later run of it may be something else. */
export interface TabSettings {
  /** Which device's storage it uses. */
  readonly device: number
  person: string
  provider: 'direct' | 'lossy'
  version: 1 | 2
  /** Its outbox lives in memory only. */
  readonly inMemory: boolean
  /** Milliseconds by which its clock is ahead. */
  skew: number
}

/** The name of the storage of a person on a device. */
export const storageOf = ({ device, person }: Pick<TabSettings, 'device' | 'person'>): string =>
  `device ${device}, ${person}`
