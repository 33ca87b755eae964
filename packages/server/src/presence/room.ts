import { SynclineError } from '@syncline/core'
import type { PresenceStatus, Revision } from '@syncline/core/protocol'
import type { HubEnvironment } from '../environment/hub-environment.ts'
import type { Pace } from '../fan-out/pace.ts'
import type { ProviderGateway } from '../fan-out/provider-fan-out.ts'
import type { Subscriber } from '../fan-out/subscriber.ts'
import type { Gateway } from '../gateway/gateway.ts'
import type { Limits } from '../limits.ts'
import type { Logger } from '../logger.ts'
import type { Leases } from './leases.ts'
import type { Member, Shared } from './member.ts'
import { memberId } from './member-id.ts'
import { MemberList } from './member-list.ts'
import { ProviderOutlet } from './provider-outlet.ts'
import { Watchers } from './watchers.ts'

/** What the rooms of a hub share. */
export interface RoomContext {
  readonly environment: HubEnvironment
  readonly limits: Limits
  readonly logger: Logger
  readonly endOfTurn: (callback: () => void) => void
  readonly leases: Leases
  readonly era: string
  /** Milliseconds. */
  readonly grace: number
  /** Milliseconds between two frames to those who watch at least. */
  readonly interval: number
  /** How fast providers may be asked. */
  readonly paces: ReadonlyMap<Gateway, Pace>
  /** True where nobody has a name of its own: then each member is a person. */
  readonly isAnonymous: boolean
  /** Nobody is here and nobody watches. */
  empty(room: Room): void
}

/** Who a seat is for. */
export interface Occupant {
  readonly subject: string
  readonly client: string
  /** Grows with each session. */
  readonly arrival: number
}

/** After how long a client that found the channel full asks again, in milliseconds. */
const fullRetryAfter = 5_000
const fresh = { status: 'active' as PresenceStatus, typing: false, cursor: undefined, state: undefined }
const isProvider = (gateway: Gateway): gateway is ProviderGateway => gateway.publish !== undefined

/**
 * The presence of one channel: who is here, on a lease each, and who watches. A member is a client and not a
 * session, so one that comes back within the grace takes its own lease over and nobody sees it leave.
 */
export class Room {
  readonly channel: string
  readonly #context: RoomContext
  readonly #members: MemberList
  readonly #watchers: Watchers
  readonly #outlets = new Map<Gateway, ProviderOutlet>()
  #lastFlush = Number.NEGATIVE_INFINITY
  #scheduled = false
  #over = false

  /** @param count where the counting goes on */
  constructor(context: RoomContext, channel: string, count: number) {
    const { era, grace, limits } = context
    this.channel = channel
    this.#context = context
    this.#members = new MemberList(count)
    this.#watchers = new Watchers({ channel, era, grace, limits }, this.#members)
  }

  get count(): number {
    return this.#members.count
  }

  get members(): Iterable<Member> {
    return this.#members.all()
  }

  /** What those who watch through the gateway and missed nothing know; undefined: nobody watches there. */
  revision(gateway: Gateway): Revision | undefined {
    if (this.#watchers.size === 0) return undefined
    return [this.#context.era, this.#outlets.get(gateway)?.told ?? Math.max(0, this.#watchers.flushed)]
  }

  // Members

  /**
   * Enters, or takes over what the same client has here already; undefined where a newer session of it speaks for
   * it: what was on its way from an older one takes nothing from that.
   * @throws SynclineError `too-many-connections`
   */
  enter(seat: object, { subject, client, arrival }: Occupant, given: Partial<Shared>): Member | undefined {
    const { environment, leases, limits, isAnonymous } = this.#context
    const id = memberId(this.channel, subject, client)
    const shared = { ...fresh, ...given }
    const member = this.#members.get(id)
    if (member) {
      if (member.holder && member.arrival > arrival) return undefined
      leases.end(member)
      member.holder = seat
      member.arrival = arrival
      member.generation++
      if (this.#members.change(member, shared)) this.#mark()
      return member
    }
    if (this.#members.size >= limits.members)
      throw new SynclineError('too-many-connections', {
        channel: this.channel,
        retryAfter: fullRetryAfter,
        detail: `The channel has ${limits.members} members.`,
      })
    const person = isAnonymous ? id : subject
    const entering = { id, person, subject, since: environment.now(), holder: seat, arrival }
    const entered = this.#members.add(entering, shared)
    this.#mark()
    return entered
  }

  update(member: Member, shared: Partial<Shared>): void {
    if (!member.left && this.#members.change(member, shared)) this.#mark()
  }

  /** Whoever spoke for it is gone: it stays for the grace, without what it was just doing. */
  lapse(member: Member): void {
    if (member.left) return
    member.holder = undefined
    this.#context.leases.start(member, () => this.remove(member))
    this.update(member, { typing: false, cursor: undefined })
  }

  /** A seat that fell silent speaks again, and nobody has taken its member over. */
  resume(seat: object, member: Member): void {
    this.#context.leases.end(member)
    member.holder = seat
  }

  /** The client ends what it has here, unless a newer session of it speaks for it. */
  abandon({ subject, client, arrival }: Occupant): void {
    const member = this.#members.get(memberId(this.channel, subject, client))
    if (!member || (member.holder && member.arrival > arrival)) return
    // No seat of before takes it up again.
    member.generation++
    this.remove(member)
  }

  remove(member: Member): void {
    if (member.left) return
    this.#context.leases.end(member)
    this.#members.remove(member)
    this.#mark()
    this.#checkEmpty()
  }

  // Watchers

  watch(subscriber: Subscriber): void {
    this.#watchers.add(subscriber)
    this.#outletOf(subscriber.gateway)?.add()
    this.#mark()
  }

  /** One who watches gets the whole list again. */
  watchAnew(subscriber: Subscriber): void {
    this.#watchers.restart(subscriber)
    this.#mark()
  }

  unwatch(subscriber: Subscriber): void {
    this.#watchers.remove(subscriber)
    this.#outlets.get(subscriber.gateway)?.remove()
    this.#checkEmpty()
  }

  drained(subscriber: Subscriber): void {
    this.#watchers.drained(subscriber)
  }

  /** Nothing is sent any more. */
  close(): void {
    this.#over = true
  }

  #outletOf(gateway: Gateway): ProviderOutlet | undefined {
    if (!isProvider(gateway)) return undefined
    const found = this.#outlets.get(gateway)
    if (found) return found
    const { era, environment, logger, interval, paces } = this.#context
    const made = new ProviderOutlet({
      gateway,
      pace: paces.get(gateway),
      channel: this.channel,
      era,
      members: this.#members,
      environment,
      logger,
      interval,
      idle: () => this.#forget(),
    })
    this.#outlets.set(gateway, made)
    return made
  }

  /** At once when it was quiet, else with all that gathers until the interval is over. */
  #mark(): void {
    if (this.#scheduled || this.#over) return
    if (this.#watchers.size === 0) {
      this.#members.allKnow()
      return
    }
    const { environment, endOfTurn, interval } = this.#context
    // A clock that was set back makes nobody wait.
    const wait = Math.min(interval, this.#lastFlush + interval - environment.now())
    this.#scheduled = true
    if (wait <= 0) endOfTurn(() => this.#flush())
    else environment.setTimer(wait, () => this.#flush())
  }

  #flush(): void {
    this.#scheduled = false
    if (this.#over) return
    const { environment, logger } = this.#context
    this.#lastFlush = environment.now()
    this.#watchers.flush((error) =>
      logger.error({ channel: this.channel, error }, 'a gateway threw while presence was sent'),
    )
    for (const outlet of this.#outlets.values()) outlet.kick()
    this.#forget()
  }

  #forget(): void {
    if (!this.#watchers.allKnow) return
    for (const outlet of this.#outlets.values()) if (!outlet.allKnow) return
    this.#members.allKnow()
  }

  #checkEmpty(): void {
    if (this.#over || this.#members.size > 0 || this.#watchers.size > 0) return
    this.#over = true
    this.#context.empty(this)
  }
}
