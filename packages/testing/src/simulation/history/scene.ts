import type { ClientDisk } from '../client-disk.ts'
import type { HubDisk } from '../hub-disk.ts'
import type { LossyProvider } from '../lossy-provider.ts'
import type { Scheduler } from '../scheduler.ts'
import type { Authority } from './authority.ts'
import type { Chronicle } from './chronicle.ts'
import type { Circumstances } from './circumstances.ts'
import type { HubHost } from './hub-host.ts'
import type { Step } from './steps.ts'
import type { Tab } from './tab.ts'
import type { Truth } from './truth.ts'
import type { WriteBook } from './writes.ts'

/** Everything that a step can do something to. */
export interface Scene {
  readonly scheduler: Scheduler
  readonly truth: Truth
  readonly book: WriteBook
  readonly chronicle: Chronicle
  readonly circumstances: Circumstances
  readonly authority: Authority
  readonly provider: LossyProvider
  readonly host: HubHost
  readonly disk: HubDisk
  readonly clientDisks: readonly ClientDisk[]
  readonly tabs: readonly Tab[]
  /** Ends a fault again after a while, unless all were ended. */
  later(ms: number, end: () => void): void
}

/** What is done for each kind of step. */
export type Acts<Kind extends Step['do']> = {
  readonly [K in Kind]: (step: Step & { readonly do: K }) => void
}
