import type { Observable } from 'rxjs'
import type { OldWrite } from '../contract/channel-contract.ts'
import type { Environment } from '../environment/environment.ts'
import type { SynclineError } from '../errors/syncline-error.ts'
import type { StreamFrame } from '../protocol/frames.ts'
import type { Effect } from '../protocol/position.ts'
import type { State } from '../state/state.ts'
import type { OpenStorage } from '../storage/client-storage.ts'
import type { HubLink } from '../transport/hub-link.ts'
import type { CreateKeeper } from './keeper.ts'
import type { Outbox } from './outbox.ts'

/** Bounds of the outbox. */
export interface OutboxOptions {
  /** Writes not yet accepted, parked ones included; beyond it a write fails with `outbox-full`. Default 10,000. */
  readonly maxWrites?: number
  /** Bytes of their JSON. Default 20 MB. */
  readonly maxBytes?: number
  /** Milliseconds after which a write that was never sent is parked as `too-old`. Default 7 days. */
  readonly maxAge?: number
  /** Writes of a channel without an answer, at most; the hub may allow fewer. Default 256. */
  readonly window?: number
}

/** What the outbox is wired to. */
export interface OutboxContext {
  /** Called once, when the outbox is first used. */
  open(): Promise<OpenStorage>
  /** This tab's client id is known. */
  claimed(client: string): void
  /** How the writes are kept there. */
  readonly keeper: CreateKeeper
  readonly environment: Environment
  /** The open session. */
  readonly link$: State<HubLink | undefined>
  /** What answers writes. */
  readonly frames$: Observable<StreamFrame>
  /**
   * True when each effect on a joined channel was delivered, or is lost with the hub's log: that of a write which was
   * accepted in another session than the one that says so. With none joined too.
   */
  hasPassed(effects: readonly Effect[], acceptedIn: HubLink | undefined): boolean
  /** Parses a mutation's result by the contract; may throw or reject with `schema-violation`. */
  parseResult(channel: string, mutation: string, result: unknown): unknown
  upgrade(channel: string, write: OldWrite): Pick<OldWrite, 'name' | 'data'> | undefined
  contractVersion(channel: string): number | undefined
  readonly options?: OutboxOptions | undefined
}

/** The outbox as the wiring sees it. */
export interface OutboxStage extends Outbox {
  /** Storage that refuses, answers that do not fit. */
  readonly errors$: Observable<SynclineError>
  /**
   * Opens the storage and sends what is left of earlier pages. Any other use does that too. Resolves once
   * that was read, or could not be.
   */
  start(): Promise<void>
  /** `hasPassed` may say something else now. On the hot path: once for each message. */
  progress(): void
  /** Moves the unsent writes of another storage here, on purpose only; resolves with their number. */
  takeFrom(other: OpenStorage): Promise<number>
}
