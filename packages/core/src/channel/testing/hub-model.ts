import { createVirtualTime, type VirtualTime } from '@syncline/testing'
import { Subject } from 'rxjs'
import type { ClientFrame, HubFrame, JoinFrame, WireMessage } from '../../protocol/frames.ts'
import type { Anchor } from '../../protocol/position.ts'
import { createState } from '../../state/state.ts'
import type { HubLink } from '../../transport/hub-link.ts'
import type { ChannelLog, ChannelOccurrence } from '../channel.ts'
import { createChannelLog } from '../channel-log.ts'
import type { ChannelLogOptions } from '../channel-log-options.ts'

/** One channel of a hub, small enough to be seen as right: a list of messages, and what a join is answered. */
export class HubModel {
  readonly name = 'todos'
  readonly link$ = createState<HubLink | undefined>(undefined)
  readonly frames$ = new Subject<HubFrame>()
  readonly sent: ClientFrame[] = []
  /** On their way to the client. */
  queue: HubFrame[] = []
  /** What is put on the way is delivered at once. */
  instant = true
  /** Requests of these types get no answer. */
  readonly deaf = new Set<ClientFrame['type']>()
  page = 3
  epoch = 'e1'
  log: WireMessage[] = []
  /** Messages up to here are no longer held. */
  pruned = 0
  subscribed = false
  snapshotError: { code: string; retryAfter?: number } | undefined
  /** By message id: the ids of the log up to it. */
  readonly states = new Map<string, readonly string[]>([['', []]])
  private ids = 0
  private draining = false

  get head(): Anchor {
    const last = this.log.at(-1)
    return { epoch: this.epoch, seq: this.log.length, id: last?.[1] ?? '' }
  }

  connect(): void {
    this.link$.set({
      welcome: {
        type: 'welcome',
        version: 1,
        session: 's',
        subject: 'ada',
        heartbeat: 25_000,
        limits: { frameBytes: 1e6, writesInFlight: 256, channels: 100 },
      },
      continuity: 'unknown',
      send: (...frames) => {
        for (const frame of frames) this.receive(frame)
      },
    })
  }

  cut(): void {
    this.queue = []
    this.subscribed = false
    this.link$.set(undefined)
  }

  /** Appends one write's messages, data = their seq unless given. */
  append(count = 1, writeId: string | null = null, event = 'added', data?: unknown): WireMessage[] {
    const messages: WireMessage[] = []
    for (let n = 1; n <= count; n++) {
      const seq = this.log.length + 1
      const message: WireMessage = [seq, `m${++this.ids}`, 0, event, data ?? seq, writeId, n < count ? 1 : 0]
      this.log.push(message)
      this.states.set(message[1], this.stateAt(seq))
      messages.push(message)
    }
    return messages
  }

  publish(count = 1, writeId: string | null = null, event = 'added', data?: unknown): void {
    const messages = this.append(count, writeId, event, data)
    if (this.subscribed) this.put({ type: 'messages', channel: this.name, epoch: this.epoch, messages })
  }

  heads(): void {
    if (this.subscribed) this.put({ type: 'heads', heads: [[this.name, this.head]] })
  }

  /** The log is lost: a new one with `count` messages. */
  reset(count: number): void {
    this.epoch = `e${Number(this.epoch.slice(1)) + 1}`
    this.log = []
    this.pruned = 0
    this.append(count)
  }

  stateAt(seq: number): string[] {
    return this.log.slice(0, seq).map(([, id]) => id)
  }

  put(...frames: HubFrame[]): void {
    this.queue.push(...frames)
    if (this.instant) this.drain()
  }

  drain(): void {
    if (this.draining) return
    this.draining = true
    for (let frame = this.queue.shift(); frame; frame = this.queue.shift()) this.frames$.next(frame)
    this.draining = false
  }

  of<T extends ClientFrame['type']>(type: T): Extract<ClientFrame, { type: T }>[] {
    return this.sent.filter((frame) => frame.type === type) as Extract<ClientFrame, { type: T }>[]
  }

  private holds({ epoch, seq, id }: Anchor): boolean {
    if (epoch !== this.epoch || seq > this.log.length || seq < this.pruned) return false
    return seq === 0 || this.log[seq - 1]?.[1] === id
  }

  private after(seq: number): { messages: WireMessage[]; more: boolean } {
    const messages = this.log.slice(seq, seq + this.page)
    return { messages, more: seq + messages.length < this.log.length }
  }

  private receive(frame: ClientFrame): void {
    this.sent.push(frame)
    if (this.deaf.has(frame.type)) return
    const channel = this.name
    if (frame.type === 'join') this.join(frame)
    else if (frame.type === 'leave') this.subscribed = false
    else if (frame.type === 'fetch') {
      const { after } = frame
      const gone = !this.holds(after)
      const rest = gone ? { messages: [], more: false } : this.after(after.seq)
      this.put({ type: 'page', channel, after, head: this.head, ...rest, ...(gone && { gone }) })
    } else if (frame.type === 'snapshot') {
      const error = this.snapshotError
      if (error) this.put({ type: 'snapshot', channel, position: this.head, error })
      else this.put({ type: 'snapshot', channel, position: this.head, state: this.stateAt(this.log.length) })
    }
  }

  private join({ at, snapshot }: JoinFrame): void {
    this.subscribed = true
    const goesOn = at !== undefined && this.holds(at)
    const start = goesOn ? at : this.head
    this.put({
      type: 'joined',
      channel: this.name,
      start,
      head: this.head,
      ...this.after(start.seq),
      ...(at && !goesOn && { gone: true }),
      ...(snapshot && !goesOn && !this.snapshotError && { snapshot: { state: this.stateAt(start.seq) } }),
    })
  }
}

export interface LogUnderTest {
  readonly hub: HubModel
  readonly time: VirtualTime
  readonly log: ChannelLog & { close(): void }
  readonly occurrences: ChannelOccurrence[]
  readonly errors: string[]
  readonly phases: string[]
  readonly pending$: ReturnType<typeof createState<number>>
  listen(): () => void
  phase(): string
  /** The seqs of the messages handed on, batch by batch. */
  batches(): number[][]
}

export const createLogUnderTest = (options: Partial<ChannelLogOptions> = {}, seed = 1): LogUnderTest => {
  const time = createVirtualTime({ seed })
  const hub = new HubModel()
  const pending$ = createState(0)
  const log = createChannelLog({
    name: hub.name,
    parseEvent: (_event, data) => data,
    parseSnapshot: (state) => state,
    link$: hub.link$,
    frames$: hub.frames$,
    environment: time.environment,
    pending$,
    ...options,
  })
  const occurrences: ChannelOccurrence[] = []
  const errors: string[] = []
  const phases: string[] = []
  log.errors$.subscribe((error) => errors.push(error.code))
  log.state$.subscribe(({ phase }) => {
    if (phases.at(-1) !== phase) phases.push(phase)
  })
  return {
    hub,
    time,
    log,
    occurrences,
    errors,
    phases,
    pending$,
    listen: () => {
      const subscription = log.occurrences$.subscribe((occurrence) => occurrences.push(occurrence))
      return () => subscription.unsubscribe()
    },
    phase: () => log.state$.get().phase,
    batches: () =>
      occurrences.flatMap((one) =>
        one.type === 'batch' ? [one.batch.messages.map(({ position }) => position.seq)] : [],
      ),
  }
}
