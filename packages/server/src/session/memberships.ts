import type { Revision } from '@syncline/core/protocol'
import type { LiveChannel } from '../channel/live-channel.ts'
import type { FanOut } from '../fan-out/fan-out.ts'
import { headsFrameJson } from '../fan-out/frame-json.ts'
import { outgoingJson } from '../fan-out/outgoing-frame.ts'
import type { Subscriber } from '../fan-out/subscriber.ts'
import type { OutgoingFrame } from '../gateway/gateway.ts'
import type { Membership } from './membership.ts'

const noHeads = outgoingJson('{"type":"heads","heads":[]}')

/** The channels of one session. */
export class Memberships {
  readonly #fanOut: FanOut
  readonly #most: number
  readonly #byChannel = new Map<string, Membership>()

  constructor(fanOut: FanOut, most: number) {
    this.#fanOut = fanOut
    this.#most = most
  }

  has(channel: string): boolean {
    return this.#byChannel.has(channel)
  }

  /** True once the join is answered. */
  isJoined(channel: string): boolean {
    return this.#byChannel.get(channel)?.attached !== undefined
  }

  /** A new one in the place of an older one; undefined: as many as allowed are there. */
  enter(channel: string): Membership | undefined {
    const before = this.#byChannel.get(channel)
    if (!before && this.#byChannel.size >= this.#most) return undefined
    if (before) this.#detach(before)
    const membership: Membership = { channel, attached: undefined }
    this.#byChannel.set(channel, membership)
    return membership
  }

  holds(membership: Membership): boolean {
    return this.#byChannel.get(membership.channel) === membership
  }

  attach(membership: Membership, live: LiveChannel, subscriber: Subscriber): void {
    membership.attached = { live, subscriber }
    this.#fanOut.attach(live, subscriber)
  }

  leave(channel: string): void {
    const membership = this.#byChannel.get(channel)
    if (!membership) return
    this.#byChannel.delete(channel)
    this.#detach(membership)
  }

  leaveAll(): void {
    for (const membership of this.#byChannel.values()) this.#detach(membership)
    this.#byChannel.clear()
  }

  /** The peer takes more: what gathered for it meanwhile is sent. */
  drained(): void {
    for (const { attached } of this.#byChannel.values())
      if (attached && attached.subscriber.index < 0) this.#fanOut.drained(attached.live, attached.subscriber)
  }

  /** The heads of all that is joined. */
  heads(revisionOf: (channel: string) => Revision | undefined): OutgoingFrame {
    if (this.#byChannel.size === 0) return noHeads
    const lives: LiveChannel[] = []
    for (const { attached } of this.#byChannel.values()) if (attached) lives.push(attached.live)
    const [only] = lives
    if (!only) return noHeads
    if (lives.length > 1 || revisionOf(only.name)) return outgoingJson(headsFrameJson(lives, revisionOf))
    only.heads ??= outgoingJson(headsFrameJson(lives))
    return only.heads
  }

  #detach(membership: Membership): void {
    const { attached } = membership
    membership.attached = undefined
    if (attached) this.#fanOut.detach(attached.live, attached.subscriber)
  }
}
