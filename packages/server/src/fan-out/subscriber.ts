import type { Gateway, Peer } from '../gateway/gateway.ts'

/** One link on one channel, as fan-out sees it. */
export interface Subscriber {
  readonly peer: Peer
  readonly gateway: Gateway
  /** Everything up to this `seq` was given to the peer. Kept by the group while it is in `current`. */
  sentThrough: number
  /** Its place in the group's `current`; -1 while it is in `others`. */
  index: number
  /** Told when more is queued for the peer than should be. */
  readonly writer: { over(): void }
}

/** The subscribers of one channel on one gateway. */
export interface SubscriberGroup {
  readonly gateway: Gateway
  /** Everything up to this `seq` was given to all in `current`. */
  through: number
  /** Those in step, and their peers at the same places: what `deliver` gets as it is. */
  readonly current: Subscriber[]
  readonly peers: Peer[]
  /** Those that are busy, or at another position. */
  readonly others: Set<Subscriber>
  /** Left while frames were being delivered: taken out afterwards. Undefined while nothing is delivered. */
  leaving: Subscriber[] | undefined
}

export const createGroup = (gateway: Gateway, through: number): SubscriberGroup => ({
  gateway,
  through,
  current: [],
  peers: [],
  others: new Set(),
  leaving: undefined,
})

/** Puts one into step if it is there, else among the others. */
export const enter = (group: SubscriberGroup, subscriber: Subscriber): void => {
  if (group.current.length === 0) group.through = subscriber.sentThrough
  if (subscriber.sentThrough !== group.through || group.leaving) {
    subscriber.index = -1
    group.others.add(subscriber)
    return
  }
  group.others.delete(subscriber)
  subscriber.index = group.current.length
  group.current.push(subscriber)
  group.peers.push(subscriber.peer)
}

/** Takes one out of step; the last takes its place. */
const takeOut = (group: SubscriberGroup, subscriber: Subscriber): void => {
  const { current, peers } = group
  const last = current.pop()
  const peer = peers.pop()
  if (last && peer && last !== subscriber) {
    current[subscriber.index] = last
    peers[subscriber.index] = peer
    last.index = subscriber.index
  }
  subscriber.index = -1
}

/** From now on it has a position of its own. */
export const stepAside = (group: SubscriberGroup, subscriber: Subscriber): void => {
  subscriber.sentThrough = group.through
  takeOut(group, subscriber)
  group.others.add(subscriber)
}

export const leave = (group: SubscriberGroup, subscriber: Subscriber): void => {
  if (subscriber.index < 0) group.others.delete(subscriber)
  else if (group.leaving) group.leaving.push(subscriber)
  else takeOut(group, subscriber)
}
