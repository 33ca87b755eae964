import { createVirtualTime, type VirtualTime } from '@syncline/testing'
import { Subject } from 'rxjs'
import { createScriptedTransport, type ScriptedAttempt } from '../../../test/scripted-transport.ts'
import type { ChannelHandle, Client } from '../../client/client.ts'
import { createClient } from '../../client/create-client.ts'
import { defineChannel } from '../../contract/define-channel.ts'
import { type Schema, type } from '../../contract/schema.ts'
import type { ClientFrame, PresenceChange, Revision, WireMember } from '../../protocol/frames.ts'
import { channelPresence, type PresenceOf } from '../channel-presence.ts'

export interface Card {
  readonly name: string
}
export interface Point {
  readonly x: number
  readonly y: number
}

/** Refuses what has no name, and takes its time where `later` is set. */
const card: Schema<Card & { later?: boolean }, Card> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) => {
      const given = value as { name?: string; later?: boolean } | null
      const result = given?.name
        ? { value: { name: given.name } }
        : { issues: [{ message: 'has no name', path: ['name'] }] }
      return given?.later ? Promise.resolve(result) : result
    },
  },
}

export const room = defineChannel('room', { events: {}, presence: card, cursor: type<Point>() })

export const member = (id: string, more: Partial<WireMember> = {}): WireMember => ({
  id,
  person: `person of ${id}`,
  since: 1,
  state: { name: id },
  status: 'active',
  ...more,
})

const head = { epoch: 'e', seq: 0, id: '' }

/** A client of a hub that the test plays. */
export class ScriptedPresence {
  readonly time: VirtualTime = createVirtualTime()
  readonly scripted = createScriptedTransport()
  readonly inputs$ = new Subject<void>()
  visible = true
  readonly client: Client
  readonly channel: ChannelHandle<typeof room>
  readonly presence: PresenceOf<typeof room>
  readonly errors: string[] = []

  constructor() {
    this.client = createClient({
      transport: this.scripted.transport,
      environment: {
        ...this.time.environment,
        activity: { isVisible: () => this.visible, inputs$: this.inputs$ },
      },
    })
    this.channel = this.client.channel(room)
    this.channel.errors$.subscribe(({ code }) => this.errors.push(code))
    this.presence = channelPresence(this.channel)
  }

  get hub(): ScriptedAttempt {
    return this.scripted.last
  }
  /** What the client has sent about presence in this session, joins and leaves included. */
  get sent(): ClientFrame[] {
    const types = ['watch', 'unwatch', 'enter', 'update', 'exit', 'join', 'leave']
    return this.hub.sent.flat().filter(({ type }) => types.includes(type))
  }
  of<T extends ClientFrame['type']>(kind: T): Extract<ClientFrame, { type: T }>[] {
    return this.sent.filter((frame): frame is Extract<ClientFrame, { type: T }> => frame.type === kind)
  }
  async settle(): Promise<void> {
    for (let turns = 0; turns < 4; turns++) await this.time.settle()
  }
  /** The hub welcomes the client and lets it join. */
  async connect(): Promise<void> {
    await this.settle()
    // The hub stays silent in most tests.
    this.hub.welcome({ heartbeat: 3_600_000 })
    await this.settle()
    this.joined()
    await this.settle()
  }
  joined(): void {
    this.hub.frames({ type: 'joined', channel: 'room', start: head, head, messages: [], more: false })
  }
  async cut(): Promise<void> {
    this.hub.fail()
    await this.settle()
  }
  async reconnect(after = 2_000): Promise<void> {
    await this.time.advance(after)
    await this.connect()
  }
  members(revision: Revision, ...members: readonly unknown[]): void {
    this.hub.frames({ type: 'members', channel: 'room', revision, grace: 10_000, members })
  }
  changes(after: number, revision: Revision, ...changes: readonly PresenceChange[]): void {
    this.hub.frames({ type: 'presence', channel: 'room', after, revision, changes })
  }
  entered(id: string): void {
    this.hub.frames({ type: 'entered', channel: 'room', id })
  }
  exited(code: string, retryAfter?: number): void {
    const error = { code, ...(retryAfter !== undefined && { retryAfter }) }
    this.hub.frames({ type: 'exited', channel: 'room', error })
  }
  heads(presence?: Revision | null): void {
    this.hub.frames({ type: 'heads', heads: [['room', head, presence]] })
  }
  /** Subscribes to the members; returns the end of it. */
  watch(): () => void {
    const subscription = this.presence.members$.subscribe()
    return () => subscription.unsubscribe()
  }
  get ids(): string[] {
    return this.presence.members$.get().map(({ id }) => id)
  }
}
