import type { ClientDisk } from '../client-disk.ts'

/** What a tab is at the moment: a later run of it may be something else. */
export interface TabSettings {
  /** Which device's storage it uses. */
  readonly device: number
  person: string
  provider: 'direct' | 'lossy'
  version: 1 | 2
  /** Its app does not say whose client it is: the storage belongs to whom the hub confirmed first. */
  readonly anonymous?: true
  /** Its outbox lives in memory only. */
  readonly inMemory: boolean
  /** Milliseconds by which its clock is ahead. */
  skew: number
}

/** The name of the storage of a person on a device. */
export const storageOf = ({ device, person, anonymous }: TabSettings): string =>
  `device ${device}, ${anonymous ? 'nobody' : person}`

/** Whom the storage without a name belongs to; undefined: nobody yet. */
export const ownerOf = (disk: ClientDisk | undefined): string | undefined =>
  disk?.contents.get('anonymous')?.meta.get('subject') as string | undefined
