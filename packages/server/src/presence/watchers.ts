import type { FanOutFrame } from '../channel/live-channel.ts'
import { deliver, isBlocked, setBusyAside } from '../fan-out/deliver.ts'
import { outgoingJson } from '../fan-out/outgoing-frame.ts'
import { createGroup, enter, leave, type Subscriber, type SubscriberGroup } from '../fan-out/subscriber.ts'
import type { Gateway } from '../gateway/gateway.ts'
import type { Limits } from '../limits.ts'
import type { MemberList } from './member-list.ts'
import { membersFrameJson, presenceFrameJson } from './presence-json.ts'

/** The count of a watcher that knows nothing yet: it gets the whole list. */
export const knowsNothing = -1

/** Frames kept for others who missed as much. */
const keptFrames = 64

/** What the frames of a channel's presence say beside its members. */
export interface Telling {
  readonly channel: string
  readonly era: string
  readonly grace: number
  readonly limits: Limits
}

/**
 * Those who watch a channel's members, by gateway. Who is in step gets one frame, encoded once for all; who is
 * busy gets, once it takes more, one frame with all that it missed. Nothing is kept for anybody.
 */
export class Watchers {
  readonly #telling: Telling
  readonly #members: MemberList
  readonly #groups: SubscriberGroup[] = []
  /** Frames by the count they follow, good until something changes. */
  readonly #frames = new Map<number, FanOutFrame>()
  #framesThrough = knowsNothing
  /** The count of the last flush. */
  #flushed = knowsNothing
  #size = 0

  constructor(telling: Telling, members: MemberList) {
    this.#telling = telling
    this.#members = members
  }

  get size(): number {
    return this.#size
  }

  /** What those in step have been told. */
  get flushed(): number {
    return this.#flushed
  }

  add(subscriber: Subscriber): void {
    this.#size++
    this.restart(subscriber)
  }

  /** The subscriber gets the whole list again. */
  restart(subscriber: Subscriber): void {
    const group = this.#groupOf(subscriber.gateway)
    leave(group, subscriber)
    subscriber.sentThrough = knowsNothing
    subscriber.index = -1
    group.others.add(subscriber)
  }

  remove(subscriber: Subscriber): void {
    this.#size--
    leave(this.#groupOf(subscriber.gateway), subscriber)
  }

  /** The peer takes more: it gets what it missed, if it missed a flush. */
  drained(subscriber: Subscriber): void {
    const group = this.#groupOf(subscriber.gateway)
    // What came after the flush waits for the next one, with everybody else.
    if (group.others.has(subscriber) && subscriber.sentThrough < this.#flushed)
      this.#catchUp(group, subscriber)
  }

  /** @param failed told what a gateway throws: the others go on */
  flush(failed: (error: unknown) => void): void {
    this.#flushed = this.#members.count
    for (const group of this.#groups)
      try {
        this.#flushGroup(group)
      } catch (error) {
        failed(error)
      }
  }

  /** True if nobody here has still to hear of something. */
  get allKnow(): boolean {
    return this.#groups.every(
      ({ others, current, through }) =>
        others.size === 0 && (current.length === 0 || through === this.#members.count),
    )
  }

  #flushGroup(group: SubscriberGroup): void {
    if (group.current.length > 0 && group.through < this.#members.count) {
      setBusyAside(group)
      if (group.current.length > 0) {
        const { frame, through } = this.#frameAfter(group.through)
        group.through = through
        deliver(group, frame)
      }
    }
    if (group.others.size > 0) for (const other of [...group.others]) this.#catchUp(group, other)
  }

  #catchUp(group: SubscriberGroup, subscriber: Subscriber): void {
    if (subscriber.sentThrough < this.#members.count) {
      if (isBlocked(subscriber, this.#telling.limits)) return
      const { frame, through } = this.#frameAfter(subscriber.sentThrough)
      subscriber.sentThrough = through
      subscriber.peer.send(frame)
      if (!group.others.has(subscriber)) return
    }
    // The provider brings the changes to its own.
    if (group.gateway.publish) group.others.delete(subscriber)
    else if (subscriber.sentThrough === group.through || group.current.length === 0) enter(group, subscriber)
  }

  #frameAfter(after: number): FanOutFrame {
    const { count } = this.#members
    if (this.#framesThrough !== count || this.#frames.size >= keptFrames) this.#frames.clear()
    this.#framesThrough = count
    const made = this.#frames.get(after)
    if (made) return made
    const frame = { frame: outgoingJson(this.#encode(after)), through: count }
    this.#frames.set(after, frame)
    return frame
  }

  #encode(after: number): string {
    const { channel, era, grace } = this.#telling
    const revision = [era, this.#members.count] as const
    const changed = this.#members.changedAfter(after)
    return changed
      ? presenceFrameJson(channel, after, revision, changed)
      : membersFrameJson(channel, revision, grace, this.#members.all())
  }

  #groupOf(gateway: Gateway): SubscriberGroup {
    const found = this.#groups.find((group) => group.gateway === gateway)
    if (found) return found
    const group = createGroup(gateway, this.#members.count)
    this.#groups.push(group)
    return group
  }
}
