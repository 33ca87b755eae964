import type { Anchor, AnyContract, ChannelHandle } from '@syncline/core'
import type { TabContext } from './tab-context.ts'
import type { TruthMessage } from './truth.ts'

/** Follows what an app sees of a channel, message by message. */
export interface OrderWatch {
  /** The last message that was seen, or where the channel began. */
  readonly last: Anchor | undefined
  stop(): void
}

/** Promises 1 and 2: every message once and in the hub's order, or told precisely what was missed, and that only where it had to be. */
export const watchOrder = (context: TabContext, handle: ChannelHandle<AnyContract>): OrderWatch => {
  const { truth, continuity, name: tab } = context
  const channel = handle.name
  let last: Anchor | undefined
  /** Setbacks of the hub's log when the channel was live last. */
  let setbacks = continuity.setbacks
  /** The event of the world in which a write's first messages came, while it is not complete. */
  let unfinishedAt: number | undefined
  /** Goes on to what the hub has here, over what the page's contract refuses. */
  const passRefused = (to: TruthMessage | undefined): void => {
    if (!last || !to || to.epoch !== last.epoch || to.seq <= last.seq) return
    let count = 0
    let message: TruthMessage | undefined = to
    for (; message && message.seq > last.seq; message = message.before) {
      if (!message.data.odd || context.version !== 1) return
      count++
    }
    if (last.id && message && message.id !== last.id) return
    context.refused(count)
    last = { epoch: to.epoch, seq: to.seq, id: to.id }
  }
  const wrong = (message: string): void => context.violated('order', `${tab} on ${channel}: ${message}`)
  const tell = (anchor: Anchor | undefined): string =>
    anchor ? `${anchor.epoch}:${anchor.seq} ${anchor.id}` : 'the start'

  const subscriptions = [
    handle.state$.subscribe(({ position, phase }) => {
      if (phase === 'idle') last = undefined
      else last ??= position
      if (phase === 'live') setbacks = continuity.setbacks
      if (position?.id && context.alive()) passRefused(truth.find(channel, position.id))
    }),
    handle.missed$.subscribe(({ after, through }) => {
      if (!context.alive()) return
      context.log(`${tab} on ${channel} missed ${tell(after)} … ${tell(through)}`)
      if (last && (after?.epoch !== last.epoch || after.seq !== last.seq))
        wrong(`was told to have missed what is after ${tell(after)}, and had ${tell(last)}`)
      const fault = continuity.fault(channel, after, through, setbacks)
      if (fault !== undefined)
        context.violated(
          'continuity',
          `${tab} on ${channel} was told to have missed what is after ${tell(after)} up to ${tell(through)}, ${fault}`,
        )
      last = through
      unfinishedAt = undefined
    }),
    handle.messages$.subscribe((message) => {
      if (!context.alive()) return
      const { id, position, data, writeId } = message
      const { tag } = data as { readonly tag: string }
      const known = truth.find(channel, id)
      context.log(`${tab} on ${channel} sees ${position.seq} ${tag}`)
      if (!known) return wrong(`saw ${tag} (${id}), which is not durable`)
      if (known.epoch !== position.epoch || known.seq !== position.seq)
        return wrong(`saw ${id} at ${position.epoch}:${position.seq}, it is at ${known.epoch}:${known.seq}`)
      if (known.data.tag !== tag || known.writeId !== writeId) return wrong(`saw ${id} with other data`)
      passRefused(known.before)
      if (last && (last.epoch !== position.epoch || last.seq + 1 !== position.seq))
        return wrong(`saw ${position.epoch}:${position.seq} after ${tell(last)}`)
      if (last?.id && known.before && known.before.id !== last.id && known.before.epoch === known.epoch)
        return wrong(`saw ${id} after ${last.id}, which is of another branch of the log`)
      if (unfinishedAt !== undefined && unfinishedAt !== context.scheduler.count)
        return wrong(`saw the messages of one write apart, at ${position.seq}`)
      unfinishedAt = known.more ? context.scheduler.count : undefined
      last = { epoch: position.epoch, seq: position.seq, id }
    }),
  ]
  return {
    get last() {
      return last
    },
    stop: () => {
      for (const subscription of subscriptions) subscription.unsubscribe()
    },
  }
}
