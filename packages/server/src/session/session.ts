import { SynclineError, toSynclineError, toWireError } from '@syncline/core'
import {
  type ClientFrame,
  type HelloFrame,
  PROTOCOL_VERSION,
  type Revision,
  type WritesFrame,
} from '@syncline/core/protocol'
import { anonymous, type Identity } from '../channel/identity.ts'
import type { LiveChannel } from '../channel/live-channel.ts'
import type { Slots } from '../environment/slots.ts'
import { TokenBucket } from '../environment/token-bucket.ts'
import { outgoingFrame, outgoingJson } from '../fan-out/outgoing-frame.ts'
import type { Subscriber } from '../fan-out/subscriber.ts'
import type {
  Gateway,
  GatewayOpening,
  GatewaySession,
  Grant,
  OutgoingFrame,
  Peer,
} from '../gateway/gateway.ts'
import { Seats } from '../presence/seats.ts'
import type { WriteSource } from '../write/write-source.ts'
import type { WriteStream } from '../write/write-stream.ts'
import { authenticateLink, storeOpened } from './authenticate-link.ts'
import { decodeClientFrame } from './decode-client-frame.ts'
import { Expiry } from './expiry.ts'
import { helloOf } from './hello.ts'
import type { Membership } from './membership.ts'
import { Memberships } from './memberships.ts'
import { PeerWriter } from './peer-writer.ts'
import type { Requester } from './requester.ts'
import { answerRequest } from './requests.ts'
import type { SessionContext } from './session-context.ts'

/** Who keeps the sessions: told when one is open and when it is over. */
export interface SessionKeeper {
  opened(session: Session): void
  over(session: Session): void
}

const pong = outgoingJson('{"type":"pong"}')
/** Heartbeats. A client pings after one in which it sent nothing, so that two may go by between two words. */
const silentFor = 2.5
const none = new Set<WriteStream>()
const nobody: Identity = { id: '' }
const mismatch = (given: Identity, expected: string): SynclineError =>
  new SynclineError('identity-mismatch', {
    detail:
      given === anonymous
        ? `This hub knows nobody, as it has no \`authenticate\`; the client is "${expected}"'s.`
        : `The token is "${given.id}"'s, the client "${expected}"'s.`,
  })

/** One link: from its hello to its bye. What it may do follows from `user`, which only `authenticate` sets. */
export class Session implements GatewaySession, WriteSource, Requester {
  readonly id: string
  user: Identity = nobody
  client = ''
  pendingBytes = 0
  requests = 0
  /** Those with whom it has its turn in the heartbeat: its keeper's. */
  turn: Set<Session> | undefined
  readonly #context: SessionContext
  readonly #keeper: SessionKeeper
  readonly #gateway: Gateway
  readonly #peer: Peer
  readonly #memberships: Memberships
  /** Undefined until there is a token that expires. */
  #expiry: Expiry | undefined
  #state: 'opening' | 'open' | 'over' = 'opening'
  /** What came before the welcome. */
  #early: { readonly frames: unknown; readonly bytes: number }[] | undefined
  #earlyBytes = 0
  readonly #writer: PeerWriter
  /** Undefined: as many writes as there are. */
  readonly #writing: TokenBucket | undefined
  /** Undefined until the client says anything about presence. */
  #seats: Seats | undefined
  #heardAt: number
  #mistakes = 0
  #opening: Promise<void> | undefined
  #reason: SynclineError | undefined
  #revocations = 0
  readonly #arrival: number
  /** Where the writes of a polled client went; others are told without being asked. */
  #written: Set<WriteStream> | undefined

  constructor(context: SessionContext, keeper: SessionKeeper, gateway: Gateway, peer: Peer) {
    this.#context = context
    this.#keeper = keeper
    this.#gateway = gateway
    this.#peer = peer
    const { environment, limits } = context
    this.id = environment.id()
    this.#arrival = context.presence.arrival()
    this.#memberships = new Memberships(context.fanOut, limits.channels)
    this.#writer = new PeerWriter(context, peer, this)
    if (limits.writesPerSecond < Number.POSITIVE_INFINITY)
      this.#writing = new TokenBucket(environment, limits.writesPerSecond)
    this.#heardAt = environment.now()
  }

  // The link

  open(opening: GatewayOpening): Promise<void> {
    this.#opening = this.#open(opening).then(() => {
      this.#opening = undefined
    })
    return this.#opening
  }

  async #open({ token, frames, bytes }: GatewayOpening): Promise<void> {
    try {
      if (bytes > this.#context.limits.frameBytes) throw new SynclineError('too-large')
      const [first, ...rest] = Array.isArray(frames) ? (frames as readonly unknown[]) : []
      const hello = helloOf(first)
      await storeOpened(this.#context)
      this.#welcome(hello, await this.#authenticated(token))
      this.#take(rest)
      const early = this.#early ?? []
      this.#early = undefined
      for (const delivery of early) this.receive(delivery.frames, delivery.bytes)
    } catch (error) {
      this.end(toSynclineError(error))
    }
  }

  receive(frames: unknown, bytes: number): void {
    if (this.#state === 'over') return
    this.#heardAt = this.#context.environment.now()
    this.#seats?.heard()
    if (bytes > this.#context.limits.frameBytes) this.#mistake(new SynclineError('too-large'))
    else if (this.#state === 'opening') this.#receiveEarly(frames, bytes)
    else if (Array.isArray(frames)) this.#take(frames)
    else this.#mistake(new SynclineError('malformed-frame', { detail: 'Frames come as an array.' }))
  }

  drained(): void {
    this.#writer.drained()
    this.#memberships.drained()
    this.#seats?.drained()
  }

  closed(): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    this.#expiry?.cancel()
    this.#early = undefined
    this.#memberships.leaveAll()
    this.#seats?.disconnect()
    this.#writer.closed()
    this.#keeper.over(this)
  }

  async grant(channel?: string): Promise<Grant> {
    await this.#opening
    const revocations = this.#revocations
    const access =
      channel === undefined || this.#state === 'over'
        ? undefined
        : await this.#context.registry.authorize(this.user, channel)
    if (this.#state !== 'open')
      throw this.#reason ?? new SynclineError('transport-failed', { detail: 'The session is over.', channel })
    // Asked again, because the answer may be older than the revocation.
    if (revocations !== this.#revocations) return this.grant(channel)
    if (access && !access.ok) throw access.error
    return { subject: this.user.id, expiresAt: this.user.expiresAt }
  }

  get working(): boolean {
    if (this.#state !== 'open') return this.#state === 'opening'
    const written = this.#written ?? none
    for (const stream of written) if (stream.idle) written.delete(stream)
    return this.requests > 0 || written.size > 0 || this.#seats?.pending === true
  }

  mayWrite(): number {
    return this.#writing ? this.#writing.take() : 0
  }

  send(frame: OutgoingFrame): void {
    if (this.#state === 'over') return
    this.#writer.send(frame)
  }

  get snapshots(): Slots {
    return this.#writer.snapshots
  }

  whenRoom(send: () => void): Promise<void> {
    return this.#writer.whenRoom(send)
  }

  /** Says bye and closes the link. */
  end(error: SynclineError): void {
    if (this.#state === 'over') return
    this.#context.logger.info(
      { session: this.id, subject: this.user.id, code: error.code },
      'a session was ended',
    )
    this.#reason = error
    this.closed()
    this.#peer.send(outgoingFrame({ type: 'bye', error: toWireError(error) }))
    this.#peer.close()
  }

  /** The heartbeat: heads of what is joined. */
  beat(now: number): void {
    // The clock was set back: silence counts from now on.
    if (this.#heardAt > now) this.#heardAt = now
    if (now - this.#heardAt >= silentFor * this.#context.heartbeat) this.#seats?.silent()
    if (this.#writer.isBusy(now)) return
    this.drained()
    this.send(this.#heads())
  }

  /** Access to the channel has ended, whatever stage it is in. */
  revoke(channel: string): void {
    this.#revocations++
    if (this.#memberships.has(channel)) this.refuse(channel, new SynclineError('revoked', { channel }))
  }

  // Opening

  #welcome({ identity, client }: HelloFrame, user: Identity): void {
    if (this.#state === 'over') return
    if (identity !== undefined && identity !== user.id) throw mismatch(user, identity)
    const { heartbeat, limits } = this.#context
    this.#state = 'open'
    this.client = client
    this.#become(user)
    this.#keeper.opened(this)
    const { frameBytes, writesInFlight, channels } = limits
    this.send(
      outgoingFrame({
        type: 'welcome',
        version: PROTOCOL_VERSION,
        session: this.id,
        subject: user.id,
        heartbeat,
        limits: { frameBytes, writesInFlight, channels },
      }),
    )
  }

  #become(user: Identity): void {
    this.user = user
    if (user.expiresAt !== undefined)
      this.#expiry ??= new Expiry(this.#context.environment, () =>
        this.end(new SynclineError('token-expired')),
      )
    this.#expiry?.set(user.expiresAt)
  }

  #receiveEarly(frames: unknown, bytes: number): void {
    this.#earlyBytes += bytes
    if (this.#earlyBytes > this.#context.limits.frameBytes) this.end(new SynclineError('too-large'))
    else {
      this.#early ??= []
      this.#early.push({ frames, bytes })
    }
  }

  // Frames

  #take(frames: readonly unknown[]): void {
    for (const value of frames) {
      if (this.#state === 'over') return
      try {
        this.#act(decodeClientFrame(value))
      } catch (error) {
        this.#mistake(toSynclineError(error))
      }
    }
  }

  #act(frame: ClientFrame): void {
    switch (frame.type) {
      case 'writes':
        this.#write(frame)
        break
      case 'ping':
        this.send(pong)
        // Whoever is polled gets the heads when it asks.
        if (this.#gateway.publish) this.send(this.#heads())
        break
      case 'watch':
      case 'unwatch':
      case 'enter':
      case 'update':
      case 'exit':
        this.#takeSeat().take(frame, this.#memberships.isJoined(frame.channel))
        break
      case 'leave':
        this.#leave(frame.channel)
        break
      case 'hello':
        throw new SynclineError('malformed-frame', { detail: 'hello came twice.' })
      default:
        answerRequest(this.#context, this, frame)
    }
  }

  #write(frame: WritesFrame): void {
    // While the hub closes nothing more is taken: the client sends it again to the next one.
    if (this.#context.isClosing()) return
    const { client, channel, generation } = frame
    const key = { subject: this.user.id, client, channel, generation }
    const stream = this.#context.streams.get(key)
    if (this.#gateway.publish) {
      this.#written ??= new Set()
      this.#written.add(stream)
    }
    stream.receive(this, frame)
  }

  #leave(channel: string): void {
    this.#memberships.leave(channel)
    this.#seats?.leave(channel)
  }

  #heads(): OutgoingFrame {
    return this.#memberships.heads((channel) => this.revision(channel))
  }

  #takeSeat(): Seats {
    const { environment, limits, presence, registry } = this.#context
    this.#seats ??= new Seats(
      {
        environment,
        limits,
        presence,
        rate: new TokenBucket(environment, limits.presencePerSecond),
        occupant: { subject: this.user.id, client: this.client, arrival: this.#arrival },
        send: (frame) => this.send(outgoingFrame(frame)),
        complain: (error, channel) => this.complain(error, channel),
        subscriber: () => this.#subscriber(0),
      },
      registry,
    )
    return this.#seats
  }

  #authenticated(token: string | undefined): Promise<Identity> {
    return authenticateLink(this.#context, this.id, {
      token,
      address: () => this.#peer.address,
    })
  }

  /** A fresh token for the same person. */
  async refresh(token: string): Promise<void> {
    try {
      const user = await this.#authenticated(token)
      if (this.#state === 'over') return
      if (user.id === this.user.id) this.#become(user)
      else this.end(mismatch(user, this.user.id))
    } catch (error) {
      this.end(toSynclineError(error))
    }
  }

  #mistake(error: SynclineError): void {
    this.#mistakes++
    if (this.#mistakes > this.#context.limits.malformedFrames) this.end(error)
    else this.complain(error)
  }

  complain(error: SynclineError, channel?: string): void {
    this.send(
      outgoingFrame({ type: 'error', error: toWireError(error), ...(channel !== undefined && { channel }) }),
    )
  }

  cut(): void {
    this.end(new SynclineError('slow-consumer'))
  }

  // Channels

  enter(channel: string): Membership | undefined {
    return this.#memberships.enter(channel)
  }

  holds(membership: Membership): boolean {
    return this.#memberships.holds(membership)
  }

  attach(membership: Membership, live: LiveChannel, sentThrough: number): void {
    if (this.holds(membership)) this.#memberships.attach(membership, live, this.#subscriber(sentThrough))
  }

  #subscriber(sentThrough: number): Subscriber {
    return {
      peer: this.#peer,
      gateway: this.#gateway,
      sentThrough,
      index: -1,
      writer: this.#writer,
    }
  }

  revision(channel: string): Revision | undefined {
    return this.#context.presence.revision(channel, this.#gateway)
  }

  refuse(channel: string, error: SynclineError): void {
    this.#leave(channel)
    this.send(outgoingFrame({ type: 'refused', channel, error: toWireError(error) }))
  }
}
