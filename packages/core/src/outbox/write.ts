import { fromWireError, SynclineError, toWireError } from '../errors/syncline-error.ts'
import type { WireWrite } from '../protocol/frames.ts'
import type { Effect } from '../protocol/position.ts'
import { RawJson } from '../protocol/raw-json.ts'
import { createState, type State, type WritableState } from '../state/state.ts'
import type { StorageChange } from '../storage/client-storage.ts'
import type { HubLink } from '../transport/hub-link.ts'
import type { PendingWrite } from './outbox.ts'
import type { ParkedWrite, ParkReason, ReceiptStatus } from './receipt.ts'
import { type WriteRecord, writeKey } from './records.ts'
import { utf8Length } from './utf8-length.ts'

interface Deferred<T> {
  readonly promise: Promise<T>
  resolve(value: T): void
  reject(error: SynclineError): void
}

const defer = <T>(): Deferred<T> => {
  let resolve!: (value: T) => void
  let reject!: (error: SynclineError) => void
  const promise = new Promise<T>((...settle) => {
    ;[resolve, reject] = settle
  })
  return { promise, resolve, reject }
}

/** A write in the outbox, and its own receipt: a class, because there are thousands. */
export class Write implements ParkedWrite {
  readonly id!: string
  readonly channel!: string
  readonly kind!: 'mutate' | 'publish'
  readonly key: string | undefined
  readonly createdAt!: number
  name!: string
  json!: string
  version!: number
  /** Bytes of `json`. */
  size: number
  voided = false
  /** Where it is stored; set when it is put there. */
  client = ''
  order = 0
  /** No longer in the outbox, whatever still waits to be stored about it. */
  removed = false
  /** Accepted before a reload. */
  restored = false
  status: ReceiptStatus = { at: 'saving' }
  /** Where it took effect, once accepted. */
  effects: readonly Effect[] = []
  /** The session that said so; undefined where that was before a reload. */
  acceptedIn: HubLink | undefined
  /** The result, once accepted. */
  outcome: unknown
  /** Set while, and kept after, it is parked. */
  reason!: ParkReason
  error!: SynclineError
  #input: unknown
  #pending: PendingWrite | undefined
  #status$: WritableState<ReceiptStatus> | undefined
  #saved: Deferred<void> | undefined
  #result: Deferred<unknown> | undefined
  #closed: SynclineError | undefined

  constructor({ parked, ...record }: WriteRecord) {
    Object.assign(this, record)
    this.size = utf8Length(record.json)
    if (parked) {
      const { reason, error } = parked
      this.become({ at: 'parked', reason, error: fromWireError(error, record.channel) })
    }
  }

  get input(): unknown {
    this.#input ??= JSON.parse(this.json)
    return this.#input
  }
  get status$(): State<ReceiptStatus> {
    if (!this.#status$) {
      this.#status$ = createState(this.status)
      if (this.#closed) this.#status$.complete()
    }
    return this.#status$
  }
  get saved(): Promise<void> {
    if (!this.#saved) {
      this.#saved = defer()
      this.#settle()
    }
    return this.#saved.promise
  }
  get result(): Promise<unknown> {
    if (!this.#result) {
      this.#result = defer()
      this.#settle()
    }
    return this.#result.promise
  }
  /** What overlays are made from; the same object until the write is accepted. */
  get pending(): PendingWrite {
    const { id, channel, kind, name, key, createdAt, acceptedIn, input: data, status } = this
    const effects = status.at === 'accepted' ? status.effects : undefined
    if (this.#pending?.effects !== effects || this.#pending?.data !== data)
      this.#pending = { id, channel, kind, name, data, key, createdAt, effects, acceptedIn }
    return this.#pending as PendingWrite
  }

  become(status: ReceiptStatus): void {
    this.status = status
    if (status.at === 'parked') {
      this.reason = status.reason
      this.error = status.error
    }
    this.#status$?.set(status)
    if (this.#saved || this.#result) this.#settle()
  }

  /** Nothing more becomes of it here. */
  end(closed: SynclineError): void {
    this.#closed = closed
    this.#settle()
    this.#status$?.complete()
  }

  /** Another name, data and contract version: only before it was sent. */
  upgrade(name: string, json: string, version: number): void {
    this.name = name
    this.json = json
    this.version = version
    this.size = utf8Length(json)
    this.#input = undefined
  }

  toRecord(): WriteRecord {
    const { id, channel, kind, name, json, key, version, createdAt, status, voided } = this
    return {
      id,
      channel,
      kind,
      name,
      json,
      version,
      createdAt,
      key,
      ...(status.at === 'parked' && { parked: { reason: status.reason, error: toWireError(status.error) } }),
      ...(voided && { voided }),
    }
  }

  toPut(): StorageChange {
    return { op: 'put', table: 'outbox', key: writeKey(this.client, this.order), value: this.toRecord() }
  }

  toWire(n: number): WireWrite {
    return this.voided
      ? [n, this.id, 'void', this.name, null, this.version]
      : [n, this.id, this.kind, this.name, new RawJson(this.json), this.version]
  }

  #settle(): void {
    const { status } = this
    const closed = this.#closed
    if (status.at === 'saving' && !closed) return
    if (status.at === 'failed') this.#saved?.reject(status.error)
    else if (status.at === 'saving') this.#saved?.reject(closed!)
    else this.#saved?.resolve()
    if (status.at === 'accepted' || status.at === 'applied') this.#result?.resolve(this.outcome)
    else if (status.at === 'discarded') this.#result?.reject(new SynclineError('discarded'))
    else if ('error' in status) this.#result?.reject(status.error)
    else if (closed) this.#result?.reject(closed)
  }
}
