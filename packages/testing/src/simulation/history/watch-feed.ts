import type { AnyContract, ChannelHandle, View } from '@syncline/core'
import type { Shown } from './app.ts'
import type { TabContext } from './tab-context.ts'

/** Promise 6 where there is no snapshot: a view is what it was, and after it what its client has seen since. */
export const watchFeed = (
  context: TabContext,
  handle: ChannelHandle<AnyContract>,
  view: View<Shown>,
): (() => void) => {
  let seen: string[] = []
  let last: readonly string[] | undefined
  let scheduled = false

  const check = (): void => {
    const { at, stale } = view.status$.get()
    const confirmed = (view.confirmed$ as { get(): Shown | undefined }).get()
    if (at !== 'ready' || stale || !confirmed) {
      last = undefined
      return
    }
    const { tags } = confirmed
    const expected = last && [...last, ...seen]
    // A view that is asked for anew begins with nothing.
    if (expected && tags.length > 0 && tags.join(' ') !== expected.join(' '))
      context.violated(
        'views',
        `${context.name} on ${handle.name} has seen\n    ${expected.join(' ')}\n  and the view has\n    ${tags.join(' ')}`,
      )
    last = tags
    seen = []
  }
  const checkSoon = (): void => {
    if (scheduled) return
    scheduled = true
    context.soon(() => {
      scheduled = false
      if (context.alive()) check()
    })
  }
  const subscriptions = [
    handle.messages$.subscribe(({ data }) => {
      seen.push((data as { readonly tag: string }).tag)
      checkSoon()
    }),
    view.subscribe(checkSoon),
    view.status$.subscribe(checkSoon),
  ]
  return () => {
    for (const subscription of subscriptions) subscription.unsubscribe()
  }
}
