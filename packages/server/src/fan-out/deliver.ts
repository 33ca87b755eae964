import type { OutgoingFrame } from '../gateway/gateway.ts'
import type { Limits } from '../limits.ts'
import { leave, type Subscriber, type SubscriberGroup, stepAside } from './subscriber.ts'

/** Sends one frame to all that are in step. */
export const deliver = (group: SubscriberGroup, frame: OutgoingFrame): void => {
  // A link may close while it is written to: `peers` must not change under the gateway.
  const leaving: Subscriber[] = []
  group.leaving = leaving
  const { gateway, peers } = group
  try {
    if (gateway.deliver) gateway.deliver(peers, frame)
    else for (const peer of peers) peer.send(frame)
  } finally {
    group.leaving = undefined
    for (const subscriber of leaving) leave(group, subscriber)
  }
}

/** Those whose last frame is still on its way go on alone. */
export const setBusyAside = (group: SubscriberGroup): void => {
  const { peers } = group
  for (let index = peers.length - 1; index >= 0; index--) {
    const subscriber = peers[index]?.busy ? group.current[index] : undefined
    if (subscriber) stepAside(group, subscriber)
  }
}

/** True while one takes no more; one for whom far too much is queued is told so. */
export const isBlocked = (subscriber: Subscriber, limits: Limits): boolean => {
  const { peer } = subscriber
  if (!peer.busy && peer.bufferedBytes <= limits.bufferedBytes) return false
  if (peer.bufferedBytes > limits.cutBytes) subscriber.writer.over()
  return true
}
