import { SynclineError, toSynclineError, toWireError } from '@syncline/core'
import type { HubFrame, SharedPresence } from '@syncline/core/protocol'
import type { Served } from '../channel/served.ts'
import type { HubEnvironment } from '../environment/hub-environment.ts'
import { isPromise } from '../environment/is-promise.ts'
import type { TokenBucket } from '../environment/token-bucket.ts'
import type { Subscriber } from '../fan-out/subscriber.ts'
import type { Limits } from '../limits.ts'
import { checkShared } from './check-shared.ts'
import type { Member, Shared } from './member.ts'
import type { Presence } from './presence.ts'
import type { Occupant } from './room.ts'
import { knowsNothing } from './watchers.ts'

/** What the seats of a session share. */
export interface SeatContext {
  readonly environment: HubEnvironment
  readonly limits: Limits
  readonly presence: Presence
  readonly rate: TokenBucket
  readonly occupant: Occupant
  send(frame: HubFrame): void
  complain(error: SynclineError, channel: string): void
  subscriber(): Subscriber
}

/** What waits to be shared: of what came meanwhile the latest. */
interface Wanted {
  readonly whole: boolean
  readonly shared: SharedPresence
}

/**
 * A session's presence on one channel: whether it is a member, and whether it watches. What it shares beyond the
 * rate, or while a schema takes its time, is drawn together: the latest wins and nothing is refused.
 */
export class Seat {
  readonly channel: string
  readonly #context: SeatContext
  readonly #served: Served
  #watching: Subscriber | undefined
  #member: Member | undefined
  /** The member's generation that is this seat's. */
  #generation = 0
  #wanted: Wanted | undefined
  /** True from `enter` until it is over. */
  #entering = false
  #checking = false
  /** Grows with each exit: what was being checked before is dropped. */
  #turn = 0
  #cancelWait: (() => void) | undefined

  constructor(context: SeatContext, served: Served, channel: string) {
    this.channel = channel
    this.#context = context
    this.#served = served
  }

  /** True while there is nothing to remember. */
  get isFree(): boolean {
    return !this.#entering && !this.#watching
  }

  /** True while the client is owed the list, or to be told that it has entered. */
  get pending(): boolean {
    return this.#watching?.sentThrough === knowsNothing || this.#wanted?.whole === true || this.#checking
  }

  // Watching

  watch(): void {
    if (!this.#served.presence) {
      this.#context.complain(this.#noPresence(), this.channel)
      return
    }
    const room = this.#context.presence.room(this.channel)
    const before = this.#watching
    this.#watching ??= this.#context.subscriber()
    if (before) room.watchAnew(before)
    else room.watch(this.#watching)
  }

  unwatch(): void {
    const watching = this.#watching
    if (!watching) return
    this.#watching = undefined
    this.#context.presence.find(this.channel)?.unwatch(watching)
  }

  drained(): void {
    const watching = this.#watching
    if (watching && watching.index < 0) this.#context.presence.find(this.channel)?.drained(watching)
  }

  // Being a member

  enter(shared: SharedPresence): void {
    if (!this.#served.presence) {
      this.#refuse(this.#noPresence())
      return
    }
    this.#entering = true
    this.#wanted = { whole: true, shared }
    this.#next()
  }

  update(shared: SharedPresence): void {
    if (!this.#entering) return
    this.#wanted = this.#wanted
      ? { whole: this.#wanted.whole, shared: { ...this.#wanted.shared, ...shared } }
      : { whole: false, shared }
    this.#next()
  }

  exit(): void {
    this.#drop()
    const member = this.#member
    this.#member = undefined
    const room = this.#context.presence.find(this.channel)
    if (member?.holder === this) room?.remove(member)
    else room?.abandon(this.#context.occupant)
  }

  /** The channel is left. */
  leave(): void {
    this.exit()
    this.unwatch()
  }

  /** The session is over: its member stays for the grace. */
  disconnect(): void {
    this.#drop()
    this.silent()
    this.#member = undefined
    this.unwatch()
  }

  /** Nothing was heard of the session for long: whether it is still there is not known. */
  silent(): void {
    const member = this.#held()
    if (member) this.#context.presence.find(this.channel)?.lapse(member)
  }

  /** Something was heard again. */
  heard(): void {
    const member = this.#member
    if (!member || member.holder !== undefined || member.generation !== this.#generation) return
    const room = this.#context.presence.room(this.channel)
    const { state, status, left } = member
    if (left) this.#act(() => this.#take({ state, status }, true))
    else room.resume(this, member)
  }

  // Inside

  /** The member, if this seat still speaks for it. */
  #held(): Member | undefined {
    return this.#member?.holder === this ? this.#member : undefined
  }

  #drop(): void {
    this.#entering = false
    this.#wanted = undefined
    this.#checking = false
    this.#turn++
    this.#cancelWait?.()
    this.#cancelWait = undefined
  }

  #next(): void {
    const wanted = this.#wanted
    if (!wanted || this.#checking || this.#cancelWait) return
    const { environment, rate, limits } = this.#context
    const wait = rate.take()
    if (wait > 0) {
      this.#cancelWait = environment.setTimer(wait, () => {
        this.#cancelWait = undefined
        this.#next()
      })
      return
    }
    this.#wanted = undefined
    const { whole } = wanted
    this.#act(() => {
      const checked = checkShared(this.#served, wanted.shared, whole, limits)
      if (isPromise(checked)) this.#await(Promise.resolve(checked), whole)
      else this.#take(checked, whole)
    }, whole)
  }

  #await(checking: Promise<Partial<Shared>>, whole: boolean): void {
    const turn = this.#turn
    const settle = (act: () => void): void => {
      if (turn !== this.#turn) return
      this.#checking = false
      this.#act(act, whole)
      this.#next()
    }
    this.#checking = true
    checking.then(
      (checked) => settle(() => this.#take(checked, whole)),
      (error) =>
        settle(() => {
          throw error
        }),
    )
  }

  #take(checked: Partial<Shared>, whole: boolean): void {
    const { presence, occupant, send } = this.#context
    const room = presence.room(this.channel)
    if (!whole) {
      const member = this.#held()
      if (member) room.update(member, checked)
      return
    }
    const member = room.enter(this, occupant, checked)
    if (!member) return
    this.#member = member
    this.#generation = member.generation
    send({ type: 'entered', channel: this.channel, id: member.id })
  }

  /** What one enters with is refused as a whole; of an update only the update. */
  #act(act: () => void, whole = true): void {
    try {
      act()
    } catch (error) {
      if (whole) this.#refuse(toSynclineError(error))
      else this.#context.complain(toSynclineError(error), this.channel)
    }
  }

  #refuse(error: SynclineError): void {
    this.exit()
    this.#context.send({ type: 'exited', channel: this.channel, error: toWireError(error) })
  }

  #noPresence(): SynclineError {
    return new SynclineError('unknown-event', {
      channel: this.channel,
      detail: `"${this.#served.contract.name}" has no presence.`,
    })
  }
}
