import { SynclineError, toSynclineError } from '../errors/syncline-error.ts'
import type { WireMessage } from '../protocol/frames.ts'
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
  snapshot(state: unknown, position: Anchor): void
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
  const messages = invalid.length === 0 ? outcomes : outcomes.filter((one) => !(one instanceof SynclineError))
  return {
    messages: messages as readonly Message[],
    position,
    invalid: invalid.length === 0 ? valid : invalid,
  }
}

export const createDelivery = (options: DeliveryOptions): Delivery => {
  const { name, emit } = options
  let waiting: Promise<void> | undefined
  let backlog = 0
  let generation = 0

  const invalid = (cause: unknown): SynclineError => toSynclineError(cause, 'schema-violation')

  const parse = (wire: WireMessage, epoch: string): Outcome | Promise<Outcome> => {
    const [seq, id, timestamp, event, raw, writeId] = wire
    const message = (data: unknown): Message => ({
      id,
      channel: name,
      event,
      data,
      position: { epoch, seq },
      timestamp,
      writeId: writeId ?? undefined,
    })
    try {
      const data = options.parseEvent(event, raw)
      return data instanceof Promise ? data.then(message, invalid) : message(data)
    } catch (cause) {
      return invalid(cause)
    }
  }
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
      const outcomes = messages.map((wire) => parse(wire, position.epoch))
      const handOn = (done: readonly Outcome[]) => () =>
        emit({ type: 'batch', batch: toBatch(done, position) })
      const later = outcomes.some((outcome) => outcome instanceof Promise)
      inTurn(
        later ? Promise.all(outcomes).then(handOn) : handOn(outcomes as readonly Outcome[]),
        messages.length,
      )
    },
    push: (occurrence) => inTurn(() => emit(occurrence), 0),
    snapshot: (raw, position) => {
      const handOn = (state: unknown) => () => emit({ type: 'snapshot', snapshot: { state, position } })
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
