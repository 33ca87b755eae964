import type { Receipt, View } from '@syncline/core'
import type { Shown } from './app.ts'
import type { TabContext } from './tab-context.ts'
import { type MadeWrite, tagsOn } from './writes.ts'

/** How soon a tab that has lost its lease knows what became of its writes, in milliseconds. */
const LEARNS = 250

const twiceIn = ({ tags }: Shown): readonly string[] =>
  tags.filter((tag, index) => tags.indexOf(tag) !== index)

/** Promises 5 and 6: a view is a fold of the log with the pending writes laid over it, and nothing flickers. */
export const watchView = (context: TabContext, channel: string, view: View<Shown>): (() => void) => {
  const { truth, name: tab, version } = context
  /** Own writes that were on screen. */
  const shown = new Set<MadeWrite>()
  let scheduled = false

  const checkFold = (): void => {
    const { position, stale, at } = view.status$.get()
    const confirmed = (view.confirmed$ as { get(): Shown | undefined }).get()
    if (at !== 'ready' || stale || !position || !confirmed) return
    if (confirmed.v !== version)
      context.violated('views', `${tab} on ${channel}: a state of version ${confirmed.v} is shown`)
    const message = position.id === '' ? undefined : truth.find(channel, position.id)
    if (position.id !== '' && !message)
      context.violated('views', `${tab} on ${channel}: stands at ${position.id}, which is not durable`)
    const expected = truth.fold(message)
    const same =
      expected.length === confirmed.tags.length &&
      expected.every((each, index) => each === confirmed.tags[index])
    if (!same)
      context.violated(
        'views',
        `${tab} on ${channel} at ${position.epoch}:${position.seq}: the log folds to\n    ${expected.join(' ')}\n  and the view has\n    ${confirmed.tags.join(' ')}`,
      )
  }
  const isOver = (receipt: Receipt): boolean =>
    ['parked', 'discarded', 'failed'].includes(receipt.status$.get().at)

  /**
   * A snapshot names a person's writes in it as far as the hub has their streams in memory. One that another tab left,
   * and that this tab has taken over since, is shown twice where the hub had not, until its answer comes.
   */
  const isOfUnknownStream = (tag: string): boolean => {
    const write = context.book.byTag(tag)
    return write !== undefined && write.maker !== tab && write.last === 'sent' && context.hubMayNotKnow(write)
  }

  /**
   * Another tab has sent what waits here, as this one slept beyond its lease: it learns that from the storage, which the
   * hub's snapshot may overtake where it does not name the write.
   */
  const isTakenOver = (tag: string): boolean => {
    const write = context.book.byTag(tag)
    const at = write && context.receipts.get(write)?.status$.get().at
    return at === 'queued' && truth.answers(write!.id).length > 0 && context.hubMayNotKnow(write!)
  }
  const checkTwice = (twice: readonly string[]): void => {
    if (twice.length > 0) context.violated('overlays', `${tab} on ${channel} shows twice: ${twice.join(' ')}`)
  }

  /** A stored view may be of a log that is lost, until the channel is joined for the first time: its seqs look the same. */
  const mayBeStoredOfLost = (): boolean => context.mayBeSetBack() && context.lastOn(channel) === undefined
  const isAccepted = (receipt: Receipt): boolean => ['accepted', 'applied'].includes(receipt.status$.get().at)
  /** It was committed, to a log that was set back since. */
  const wasLost = (write: MadeWrite): boolean =>
    truth.answers(write.id).some(({ answer }) => answer.outcome.type === 'accepted') &&
    tagsOn(write, channel).some((tag) => truth.places(tag).length === 0)

  /** What is on screen right now, in the middle of a turn too. */
  const checkShown = (value: Shown): void => {
    const tags = new Set(value.tags)
    const twice = twiceIn(value).filter((tag) => !isOfUnknownStream(tag))
    checkTwice(twice.filter((tag) => !isTakenOver(tag)))
    if (twice.length > 0)
      context.scheduler.after(LEARNS, () => {
        const still = context.alive() && view.get()
        if (still) checkTwice(twiceIn(still).filter((tag) => twice.includes(tag)))
      })
    for (const [write, receipt] of context.receipts) {
      const mine = tagsOn(write, channel)
      if (mine.length === 0 || write.channel !== channel) continue
      const count = mine.filter((tag) => tags.has(tag)).length
      // What is shown before the view has begun again is as old as its last use.
      if (count === mine.length) {
        if (context.isFollowing(channel)) shown.add(write)
      } else if (count > 0)
        context.violated('overlays', `${tab} on ${channel} shows a part of ${write.tag} only`)
      else if (
        shown.delete(write) &&
        !isOver(receipt) &&
        !(isAccepted(receipt) && (wasLost(write) || mayBeStoredOfLost())) &&
        !context.isRefused(channel)
      )
        context.violated(
          'overlays',
          `${tab} on ${channel}: ${write.tag} (${receipt.status$.get().at}) was on screen and is not any more`,
        )
    }
  }
  /** At the end of a turn: every pending write is laid over. */
  const checkPending = (): void => {
    const value = view.get()
    if (!value || !context.loaded()) return
    for (const { id } of context.pending()) {
      const write = context.book.all.get(id)
      if (!write || write.channel !== channel) continue
      const missing = tagsOn(write, channel).filter((tag) => !value.tags.includes(tag))
      if (missing.length > 0)
        context.violated('overlays', `${tab} on ${channel}: ${write.tag} is pending and not on screen`)
    }
  }
  const checkSoon = (): void => {
    if (scheduled) return
    scheduled = true
    context.soon(() => {
      scheduled = false
      if (!context.alive()) return
      checkFold()
      checkPending()
    })
  }

  const subscriptions = [
    view.subscribe((value) => {
      if (!context.alive() || !value) return
      checkShown(value)
      checkSoon()
    }),
    view.status$.subscribe(() => {
      if (context.alive()) checkSoon()
    }),
  ]
  return () => {
    for (const subscription of subscriptions) subscription.unsubscribe()
  }
}
