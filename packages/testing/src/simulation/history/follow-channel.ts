import {
  type AnyContract,
  type ChannelHandle,
  createView,
  type SynclineError,
  type View,
} from '@syncline/core'
import type { Subscription } from 'rxjs'
import { type Contracts, type Input, type Shown, tagsHere } from './app.ts'
import { handleOf, type Run } from './run.ts'
import type { TabWorld } from './tab.ts'
import type { TabContext } from './tab-context.ts'
import type { TabPresence } from './tab-presence.ts'
import { watchFeed } from './watch-feed.ts'
import { watchOrder } from './watch-order.ts'
import { watchView } from './watch-view.ts'

const makeView = (of: Run, handle: ChannelHandle<AnyContract>): View<Shown> => {
  const { version } = of
  const add = (state: Shown, ...more: readonly string[]): Shown => ({
    ...state,
    tags: [...state.tags, ...more],
  })
  const overlay = (state: Shown, input: Input): Shown => add(state, ...tagsHere(input))
  return createView(handle as ChannelHandle<Contracts['list']>, {
    initial: (snapshot: readonly string[] | undefined): Shown => ({ v: version, tags: snapshot ?? [] }),
    on: { done: (state, { tag }) => add(state, tag) },
    optimistic: { put: overlay, run: overlay, done: (state, { tag }) => add(state, tag) },
    persist: {
      upgrade: (state) => ({ v: version, tags: (state as Shown).tags }),
    },
  }) as View<Shown>
}

/**
 * Rule 11: who comes after `authorize` set the earliest position sees nothing that was before it. Where a log that lost
 * it has gone on since, that is all that was there when they came.
 */
const watchEarliest = (of: Run, handle: ChannelHandle<AnyContract>, world: TabWorld): Subscription =>
  handle.messages$.subscribe(({ id, position: { epoch, seq } }) => {
    const earliest = world.earliest(handle.name)
    const join = of.joins.of(handle.name)
    if (!of.machine.alive || !earliest || !join || join.at < earliest.at) return
    const { position } = earliest
    const isAllowed = epoch === position.epoch && seq >= position.seq
    const cameSince = (world.truth.find(handle.name, id)?.commits ?? 0) > join.commits
    if (!isAllowed && !cameSince)
      world.violated(
        'identity',
        `${of.name} sees ${seq} of ${handle.name}, and may see from ${position.seq} on`,
      )
  })

/** Nobody is kept out of a channel without a cause. */
const watchRefusals = (of: Run, handle: ChannelHandle<AnyContract>, world: TabWorld): Subscription => {
  let last: SynclineError | undefined
  return handle.state$.subscribe(({ phase, error }) => {
    const refusal = phase === 'refused' ? error : undefined
    const isNews = refusal !== last
    last = refusal
    if (!refusal || !isNews || !of.machine.alive || refusal.retryAfter !== undefined) return
    if (!world.denials.channel(of, handle.name, refusal))
      world.violated('identity', `${of.name} is refused ${handle.name} without a cause: ${refusal.code}`)
  })
}

/** The app uses a channel: its messages, its view and, on a list, who is there. */
export const followChannel = (
  of: Run,
  channel: string,
  context: TabContext,
  world: TabWorld,
  presence: TabPresence,
): void => {
  if (of.followed.has(channel)) return
  const handle = handleOf(of, channel, world.laterSchemas)
  const order = watchOrder(context, handle)
  const earliest = watchEarliest(of, handle, world)
  const refusals = watchRefusals(of, handle, world)
  const register = world.registers.watch(of.name, handle)
  if (channel.startsWith('own/') && channel !== `own/${of.person}`)
    handle.state$.subscribe(({ phase }) => {
      if (of.machine.alive && phase === 'live')
        world.violated('identity', `${of.name} (${of.person}) is let into ${channel}`)
    })
  if (channel.startsWith('list/')) presence.watch(of, channel)
  const view = of.views.get(channel) ?? makeView(of, handle)
  of.views.set(channel, view)
  // A feed has no snapshot: its view holds what came since it was first there.
  const stopView = channel === 'feed' ? watchFeed(context, handle, view) : watchView(context, channel, view)
  of.followed.set(channel, {
    handle,
    view,
    order,
    stop: () => {
      order.stop()
      earliest.unsubscribe()
      refusals.unsubscribe()
      register()
      stopView()
    },
  })
}
