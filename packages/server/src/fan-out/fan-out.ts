import type { FanOutFrame, LiveChannel } from '../channel/live-channel.ts'
import type { HubEnvironment } from '../environment/hub-environment.ts'
import type { Gateway } from '../gateway/gateway.ts'
import type { Limits } from '../limits.ts'
import type { StoredMessage } from '../store/hub-store.ts'
import { deliver, isBlocked, setBusyAside } from './deliver.ts'
import { messagesFrameJson } from './frame-json.ts'
import { outgoingJson } from './outgoing-frame.ts'
import { createGroup, enter, leave, type Subscriber, type SubscriberGroup } from './subscriber.ts'

export interface FanOut {
  /** From now on the subscriber gets what follows its `sentThrough`. */
  attach(channel: LiveChannel, subscriber: Subscriber): void
  detach(channel: LiveChannel, subscriber: Subscriber): void
  /** The channel has something new: it is sent with the next `flush`. */
  mark(channel: LiveChannel): void
  /**
   * Sends what is new; what goes beyond one frame follows in the turns after this one. Under pressure it is held
   * back for some milliseconds, see `RoundPace`.
   */
  flush(): void
  /** Sends what is held back, now. */
  release(): void
  /** The peer is no longer busy: gives it at once what gathered meanwhile. */
  drained(channel: LiveChannel, subscriber: Subscriber): void
}

/** Catching-up frames kept for others in the same position. */
const keptFrames = 64
const none: readonly StoredMessage[] = []

/** How many messages those in step do not have. */
const waiting = ({ groups, head }: LiveChannel): number => {
  let most = 0
  for (const { current, through } of groups)
    if (current.length > 0 && head.seq - through > most) most = head.seq - through
  return most
}

/**
 * Brings committed messages to the links. What a frame costs is its write, not its bytes: hence one frame for
 * all that gathered, encoded once for all who stand at the same position, none to a peer that is busy, and rounds
 * that keep to a pace while there is more to send than goes out.
 */
export const createFanOut = (options: {
  readonly environment: Pick<HubEnvironment, 'now' | 'setTimer'>
  readonly limits: Limits
  readonly endOfTurn: (callback: () => void) => void
  /** A gateway threw while a channel's messages were sent: a bug, reported. */
  readonly threw: (error: unknown) => void
  /** A subscriber is no longer on the channel, or what was new there is sent. */
  readonly eased: (channel: LiveChannel) => void
}): FanOut => {
  const { environment, limits, endOfTurn, threw, eased } = options
  let dirty: LiveChannel[] = []
  let scheduled = false
  const held = new Set<LiveChannel>()

  const encode = (channel: LiveChannel, after: number): FanOutFrame => {
    const { head, name, recent } = channel
    if (!recent.covers(after))
      return { frame: outgoingJson(messagesFrameJson(name, head.epoch, none, head)), through: head.seq }
    const messages = recent.after(after, limits.fanOutMessages, limits.fanOutBytes)
    const through = after + messages.length
    const beyond = through < head.seq ? head : undefined
    return { frame: outgoingJson(messagesFrameJson(name, head.epoch, messages, beyond)), through }
  }

  const frameAfter = (channel: LiveChannel, after: number): FanOutFrame => {
    const made = channel.frames.get(after)
    if (made) return made
    if (channel.frames.size >= keptFrames) channel.frames.clear()
    const frame = encode(channel, after)
    channel.frames.set(after, frame)
    return frame
  }

  const mark = (channel: LiveChannel): void => {
    if (channel.dirty) return
    channel.dirty = true
    dirty.push(channel)
  }

  const markForNextTurn = (channel: LiveChannel): void => {
    mark(channel)
    if (scheduled) return
    scheduled = true
    endOfTurn(() => {
      scheduled = false
      flush()
    })
  }

  /** One frame for one that stands alone. True if it could take more at once. */
  const catchUp = (channel: LiveChannel, group: SubscriberGroup, subscriber: Subscriber): boolean => {
    const { head } = channel
    if (subscriber.sentThrough < head.seq) {
      if (isBlocked(subscriber, limits)) return false
      const { frame, through } = frameAfter(channel, subscriber.sentThrough)
      subscriber.sentThrough = through
      subscriber.peer.send(frame)
      if (!group.others.has(subscriber)) return false
    }
    if (subscriber.sentThrough === group.through || group.current.length === 0) enter(group, subscriber)
    return subscriber.sentThrough < head.seq && !subscriber.peer.busy
  }

  /** One frame for those in step. True if there is more for them. */
  const sendRound = (channel: LiveChannel, group: SubscriberGroup): boolean => {
    const { head } = channel
    if (group.current.length === 0 || group.through >= head.seq) return false
    setBusyAside(group)
    if (group.current.length === 0) return false
    const { frame, through } = frameAfter(channel, group.through)
    group.through = through
    deliver(group, frame)
    return group.through < head.seq && group.current.length > 0
  }

  const sendRounds = (channel: LiveChannel): boolean => {
    const { groups, pace } = channel
    const count = waiting(channel)
    const wasHeld = held.delete(channel)
    pace.endWait()
    if (count === 0) return false
    const begun = environment.now()
    let more = false
    try {
      for (const group of groups) if (sendRound(channel, group)) more = true
    } finally {
      pace.sent(begun, environment.now(), count, wasHeld)
    }
    return more
  }

  /** True if those in step get nothing yet. */
  const isHeldBack = (channel: LiveChannel): boolean => {
    const { pace } = channel
    const wait = pace.wait(environment.now(), waiting(channel), limits.fanOutMessages)
    if (wait === 0) return false
    if (!held.has(channel)) {
      held.add(channel)
      pace.endWait = environment.setTimer(wait, () => flushChannel(channel, true))
    }
    return true
  }

  const sendToOthers = (channel: LiveChannel, group: SubscriberGroup): boolean => {
    let more = false
    if (group.others.size > 0)
      for (const other of [...group.others]) if (catchUp(channel, group, other)) more = true
    return more
  }

  const flushChannel = (channel: LiveChannel, release: boolean): void => {
    try {
      let more = !release && isHeldBack(channel) ? false : sendRounds(channel)
      for (const group of channel.groups) if (sendToOthers(channel, group)) more = true
      if (more) markForNextTurn(channel)
    } catch (error) {
      threw(error)
    }
  }

  const flush = (): void => {
    if (dirty.length === 0) return
    const channels = dirty
    dirty = []
    for (const channel of channels) channel.dirty = false
    for (const channel of channels) {
      flushChannel(channel, false)
      eased(channel)
    }
  }

  const groupOf = (channel: LiveChannel, gateway: Gateway): SubscriberGroup => {
    const found = channel.groups.find((group) => group.gateway === gateway)
    if (found) return found
    const group = createGroup(gateway, channel.head.seq)
    channel.groups.push(group)
    return group
  }

  /** Whoever listens at a provider hears there what is for all: it is in no group. */
  const listens = ({ gateway }: Subscriber): boolean => gateway.publish !== undefined

  return {
    attach: (channel, subscriber) => {
      channel.subscribers++
      if (listens(subscriber)) return
      enter(groupOf(channel, subscriber.gateway), subscriber)
      if (subscriber.sentThrough < channel.head.seq) markForNextTurn(channel)
    },
    detach: (channel, subscriber) => {
      channel.subscribers--
      if (!listens(subscriber)) leave(groupOf(channel, subscriber.gateway), subscriber)
      eased(channel)
    },
    mark,
    flush,
    release: () => {
      for (const channel of held) flushChannel(channel, true)
    },
    drained: (channel, subscriber) => {
      if (subscriber.index >= 0 || listens(subscriber)) return
      const group = groupOf(channel, subscriber.gateway)
      if (group.others.has(subscriber) && catchUp(channel, group, subscriber)) markForNextTurn(channel)
    },
  }
}
