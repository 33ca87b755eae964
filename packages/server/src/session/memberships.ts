import type { Revision } from '@syncline/core/protocol'
import type { LiveChannel } from '../channel/live-channel.ts'
import type { FanOut } from '../fan-out/fan-out.ts'
import { headsFrameJson } from '../fan-out/frame-json.ts'
import { outgoingJson } from '../fan-out/outgoing-frame.ts'
import type { Subscriber } from '../fan-out/subscriber.ts'
import type { OutgoingFrame } from '../gateway/gateway.ts'
import type { Membership } from './membership.ts'

const none: readonly Membership[] = []
const noHeads = outgoingJson('{"type":"heads","heads":[]}')

/** The channels of one session. */
export class Memberships {
  readonly #fanOut: FanOut
  readonly #most: number
  /** Few mostly: of a map the table alone is larger. */
  #all: readonly Membership[] = none

  constructor(fanOut: FanOut, most: number) {
    this.#fanOut = fanOut
    this.#most = most
  }

  has(channel: string): boolean {
    return this.#find(channel) !== undefined
  }

  /** True once the join is answered. */
  isJoined(channel: string): boolean {
    return this.#find(channel)?.subscriber !== undefined
  }

  /** A new one in the place of an older one; undefined: as many as allowed are there. */
  enter(channel: string): Membership | undefined {
    const before = this.#find(channel)
    if (!before && this.#all.length >= this.#most) return undefined
    if (before) this.#remove(before)
    const membership: Membership = { channel, live: undefined, subscriber: undefined }
    // Copied, as an array that is pushed to has room for seventeen.
    this.#all = [...this.#all, membership]
    return membership
  }

  holds(membership: Membership): boolean {
    return this.#find(membership.channel) === membership
  }

  attach(membership: Membership, live: LiveChannel, subscriber: Subscriber): void {
    membership.live = live
    membership.subscriber = subscriber
    this.#fanOut.attach(live, subscriber)
  }

  leave(channel: string): void {
    const membership = this.#find(channel)
    if (membership) this.#remove(membership)
  }

  leaveAll(): void {
    const all = this.#all
    this.#all = none
    for (const membership of all) this.#detach(membership)
  }

  /** The peer takes more: what gathered for it meanwhile is sent. */
  drained(): void {
    for (const { live, subscriber } of this.#all)
      if (live && subscriber && subscriber.index < 0) this.#fanOut.drained(live, subscriber)
  }

  /** The heads of all that is joined. */
  heads(revisionOf: (channel: string) => Revision | undefined): OutgoingFrame {
    const lives: LiveChannel[] = []
    for (const { live } of this.#all) if (live) lives.push(live)
    const [only] = lives
    if (!only) return noHeads
    if (lives.length > 1 || revisionOf(only.name)) return outgoingJson(headsFrameJson(lives, revisionOf))
    only.heads ??= outgoingJson(headsFrameJson(lives))
    return only.heads
  }

  #find(channel: string): Membership | undefined {
    for (const membership of this.#all) if (membership.channel === channel) return membership
    return undefined
  }

  #remove(membership: Membership): void {
    this.#all = this.#all.filter((other) => other !== membership)
    this.#detach(membership)
  }

  #detach(membership: Membership): void {
    const { live, subscriber } = membership
    membership.live = membership.subscriber = undefined
    if (live && subscriber) this.#fanOut.detach(live, subscriber)
  }
}
