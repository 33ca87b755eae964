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

export const createDelivery = (options: DeliveryOptions): Delivery => {
  const { name, emit, parseEvent } = options
  let waiting: Promise<void> | undefined
  let backlog = 0
  let generation = 0

  const invalid = (cause: unknown): SynclineError => toSynclineError(cause, 'schema-violation')

  const message = (wire: WireMessage, epoch: string, data: unknown): Message => ({
    id: wire[1],
    channel: name,
    event: wire[3],
    data,
    position: { epoch, seq: wire[0] },
    timestamp: wire[2],
    writeId: wire[5] ?? undefined,
  })
  /** Runs now if nothing waits, else in its turn. */
  const inTurn = (step: Step, weight: number): void => {
    if (!waiting && !(step instanceof Promise)) {
      step()
      return
    }
    backlog += weight
    const started = generation
    const turn: Promise<void> = (waiting ?? Promise.resolve())
      .then(() => step)
      .then((run) => {
        if (started !== generation) return
        backlog -= weight
        if (waiting === turn) waiting = undefined
        run()
        options.drained()
      })
    waiting = turn
  }

  return {
    get backlog() {
      return backlog
    },
    batch: (messages, position) => {
      const { epoch } = position
      const outcomes: (Outcome | Promise<Outcome>)[] = []
      let later = false
      let failed = false
      for (const wire of messages) {
        try {
          const data = parseEvent(wire[3], wire[4])
          if (data instanceof Promise) {
            later = true
            outcomes.push(data.then((parsed) => message(wire, epoch, parsed), invalid))
          } else outcomes.push(message(wire, epoch, data))
        } catch (cause) {
          failed = true
          outcomes.push(invalid(cause))
        }
      }
      const handOn = (batch: Batch): void => emit({ type: 'batch', batch })
      if (later)
        inTurn(
          Promise.all(outcomes).then((done) => () => handOn(toBatch(done, position))),
          messages.length,
        )
      else {
        const done = outcomes as Message[]
        const batch = failed ? toBatch(done, position) : { messages: done, position, invalid: valid }
        if (waiting) inTurn(() => handOn(batch), messages.length)
        else handOn(batch)
      }
    },
    push: (occurrence) => inTurn(() => emit(occurrence), 0),
    snapshot: ({ state: raw, writes = [] }, position) => {
      const handOn = (state: unknown) => () =>
        emit({ type: 'snapshot', snapshot: { state, position, writes } })
      const failed = (cause: unknown) => () => options.snapshotFailed(invalid(cause))
      try {
        const state = options.parseSnapshot(raw)
        inTurn(state instanceof Promise ? state.then(handOn, failed) : handOn(state), 0)
      } catch (cause) {
        inTurn(failed(cause), 0)
      }
    },
    clear: () => {
      generation++
      backlog = 0
      waiting = undefined
    },
  }
}
