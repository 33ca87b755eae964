import { SynclineError, toSynclineError } from '../errors/syncline-error.ts'
import type { SnapshotBody, WireMessage } from '../protocol/frames.ts'
import type { Anchor } from '../protocol/position.ts'
import type { Batch, ChannelOccurrence, Message } from './channel.ts'

/**
 * Parses and hands on, in the order of calls. What parses synchronously is handed on within the call;
 * whatever comes after something that parses asynchronously waits for it.
 */
export interface Delivery {
  /** Messages that wait for validation. */
  readonly backlog: number
  batch(messages: readonly WireMessage[], position: Anchor): void
  push(occurrence: ChannelOccurrence): void
  snapshot(body: Partial<SnapshotBody>, position: Anchor): void
  /** Forgets what waits. */
  clear(): void
}

export interface DeliveryOptions {
  readonly name: string
  readonly parseEvent: (event: string, data: unknown) => unknown
  readonly parseSnapshot: (state: unknown) => unknown
  readonly emit: (occurrence: ChannelOccurrence) => void
  readonly snapshotFailed: (error: SynclineError) => void
  /** Something that waited was handed on. */
  readonly drained: () => void
}

type Outcome = Message | SynclineError
type Step = (() => void) | Promise<() => void>

const valid: readonly SynclineError[] = []

const toBatch = (outcomes: readonly Outcome[], position: Anchor): Batch => {
  const invalid = outcomes.filter((outcome) => outcome instanceof SynclineError)
  const messages = outcomes.filter((one) => !(one instanceof SynclineError)) as readonly Message[]
  return { messages, position, invalid }
}

const invalid = (cause: unknown): SynclineError => toSynclineError(cause, 'schema-violation')

class OrderedDelivery implements Delivery {
  backlog = 0
  readonly #options: DeliveryOptions
  #waiting: Promise<void> | undefined
  #generation = 0

  constructor(options: DeliveryOptions) {
    this.#options = options
  }
  batch(messages: readonly WireMessage[], position: Anchor): void {
    const { parseEvent } = this.#options
    const { length } = messages
    // As long as it gets: one that grows takes room for 17.
    const outcomes = new Array<Outcome | Promise<Outcome>>(length)
    let later = false
    let failed = false
    for (let index = 0; index < length; index++) {
      const wire = messages[index] as WireMessage
      try {
        const data = parseEvent(wire[3], wire[4])
        if (data instanceof Promise) {
          later = true
          outcomes[index] = data.then((parsed) => this.#message(wire, position.epoch, parsed), invalid)
        } else outcomes[index] = this.#message(wire, position.epoch, data)
      } catch (cause) {
        failed = true
        outcomes[index] = invalid(cause)
      }
    }
    if (later)
      this.#inTurn(
        Promise.all(outcomes).then((done) => () => this.#handOn(toBatch(done, position))),
        messages.length,
      )
    else {
      const done = outcomes as Message[]
      const batch = failed ? toBatch(done, position) : { messages: done, position, invalid: valid }
      if (this.#waiting !== undefined) this.#inTurn(() => this.#handOn(batch), messages.length)
      else this.#handOn(batch)
    }
  }
  push(occurrence: ChannelOccurrence): void {
    this.#inTurn(() => this.#options.emit(occurrence), 0)
  }
  snapshot({ state: raw, writes = [] }: Partial<SnapshotBody>, position: Anchor): void {
    const { emit, parseSnapshot, snapshotFailed } = this.#options
    const handOn = (state: unknown) => () => emit({ type: 'snapshot', snapshot: { state, position, writes } })
    const failed = (cause: unknown) => () => snapshotFailed(invalid(cause))
    try {
      const state = parseSnapshot(raw)
      this.#inTurn(state instanceof Promise ? state.then(handOn, failed) : handOn(state), 0)
    } catch (cause) {
      this.#inTurn(failed(cause), 0)
    }
  }
  clear(): void {
    this.#generation++
    this.backlog = 0
    this.#waiting = undefined
  }

  #message(wire: WireMessage, epoch: string, data: unknown): Message {
    return {
      id: wire[1],
      channel: this.#options.name,
      event: wire[3],
      data,
      position: { epoch, seq: wire[0] },
      timestamp: wire[2],
      writeId: wire[5] ?? undefined,
    }
  }
  #handOn(batch: Batch): void {
    this.#options.emit({ type: 'batch', batch })
  }
  /** Runs now if nothing waits, else in its turn. */
  #inTurn(step: Step, weight: number): void {
    if (this.#waiting === undefined && !(step instanceof Promise)) {
      step()
      return
    }
    this.backlog += weight
    const started = this.#generation
    const turn: Promise<void> = (this.#waiting ?? Promise.resolve())
      .then(() => step)
      .then((run) => {
        if (started !== this.#generation) return
        this.backlog -= weight
        if (this.#waiting === turn) this.#waiting = undefined
        run()
        this.#options.drained()
      })
    this.#waiting = turn
  }
}

export const createDelivery = (options: DeliveryOptions): Delivery => new OrderedDelivery(options)
