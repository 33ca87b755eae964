import type { Subscription } from 'rxjs'
import type { ChannelState } from '../channel/channel.ts'
import type {
  AnyContract,
  ChannelContract,
  ChannelDefinition,
  CursorInput,
  CursorState,
  PresenceInput,
  PresenceState,
} from '../contract/channel-contract.ts'
import type { Schema } from '../contract/schema.ts'
import { SynclineError, toSynclineError } from '../errors/syncline-error.ts'
import type { ClientFrame, HubFrame } from '../protocol/frames.ts'
import { mapState } from '../state/map-state.ts'
import { createState } from '../state/state.ts'
import { createUsage } from '../state/usage.ts'
import type { HubLink } from '../transport/hub-link.ts'
import { createEntrance, outside } from './entrance.ts'
import { createMemberList } from './member-list.ts'
import { observed } from './observed.ts'
import { answered } from './parting.ts'
import { createPeople, createTypists } from './people.ts'
import type { Presence, PresenceListStatus, SelfPresence } from './presence.ts'
import { asPresenceFrame, isRevision } from './presence-frame.ts'
import { type PresenceSource, presenceSourceOf } from './presence-source.ts'
import { createWatcher } from './watcher.ts'

/** How long the hub goes on telling who is here after the last observer, in milliseconds. */
const LINGER = 1_000

/** A contract with a `presence` schema. */
// biome-ignore lint/suspicious/noExplicitAny: of any name
export type ContractWithPresence = ChannelContract<any, ChannelDefinition & { readonly presence: Schema }>

/** What presence needs to see of a channel's handle. */
export interface PresenceChannel<C extends AnyContract> {
  readonly name: string
  readonly contract: C
}

/** The presence of a channel, typed by its contract. */
export type PresenceOf<C extends AnyContract> = Presence<
  PresenceInput<C>,
  PresenceState<C>,
  CursorInput<C>,
  CursorState<C>
>

const createPresence = (
  name: string,
  { presence, cursor }: ChannelDefinition,
  { log, link$, frames$, closing$, environment }: PresenceSource,
): Presence<unknown, unknown, unknown, unknown> => {
  if (!presence) {
    const detail = `Channel "${name}" has no presence: give its contract a \`presence\` schema.`
    throw new SynclineError('unknown-event', { detail, channel: name })
  }
  const status$ = createState<PresenceListStatus>('idle')
  const self$ = createState<SelfPresence>(outside)
  let link: HubLink | undefined
  let joined = false
  let refusal: SynclineError | undefined
  let closed = false
  let subscriptions: Subscription[] = []

  /** Until the hub has taken an exit: over HTTP what was just sent would be cut off with the connection. */
  let parting: Promise<void> | undefined

  const send = (frame: ClientFrame): void => {
    link?.send(frame)
    if (frame.type !== 'exit' || !link) return
    const taken = answered(link, name, frames$, environment).then(() => {
      if (parting === taken) parting = undefined
    })
    parting = taken
  }
  const list = createMemberList({ state: presence, cursor, environment, report: log.report })
  const watcher = createWatcher({
    environment,
    list,
    status$,
    send: (type) => send({ type, channel: name }),
  })

  // What comes in

  const onJoined = (): void => {
    joined = true
    entrance.joined()
    watcher.joined()
  }
  const onLeft = (forget: boolean): void => {
    joined = false
    entrance.left(refusal)
    watcher.left(forget)
  }
  const onState = ({ phase, error }: ChannelState): void => {
    const now = phase === 'refused' ? error : undefined
    if (now === refusal) return
    refusal = now
    onLeft(true)
  }
  const onLink = (next: HubLink | undefined): void => {
    onLeft(false)
    link = next
  }
  const onPresenceFrame = (frame: HubFrame): void => {
    const checked = asPresenceFrame(frame)
    if (checked?.type === 'presence') watcher.presence(checked)
    else if (checked?.type === 'members') watcher.members(checked)
    else if (checked?.type === 'entered') {
      list.identify(checked.id)
      entrance.entered(checked)
    } else if (checked?.type === 'exited') entrance.exited(checked)
  }
  const onFrame = (frame: HubFrame) => {
    if (frame.type === 'joined') return onJoined()
    if (frame.type === 'heads') {
      for (const [, , revision] of frame.heads) if (isRevision(revision)) watcher.head(revision)
      return
    }
    try {
      onPresenceFrame(frame)
    } catch (error) {
      log.report(toSynclineError(error))
      watcher.missed()
    }
  }

  // The life of it

  const usage = createUsage(
    environment,
    0,
    () => {
      subscriptions = [
        frames$.subscribe(onFrame),
        link$.subscribe(onLink),
        log.occurrences$.subscribe(),
        log.state$.subscribe(onState),
      ]
      if (log.joined && !joined) onJoined()
    },
    () => {
      for (const subscription of subscriptions) subscription.unsubscribe()
      refusal = undefined
      onLeft(true)
      link = undefined
    },
  )
  const entrance = createEntrance({
    channel: name,
    environment,
    self$,
    send,
    report: log.report,
    use: usage.enter,
    useAgain: () => log.occurrences$.subscribe().unsubscribe(),
  })
  let stopUsing = (): void => {}
  const watching = createUsage(
    environment,
    LINGER,
    () => {
      if (closed) return
      watcher.want(true)
      stopUsing = usage.enter()
    },
    () => {
      watcher.want(false)
      stopUsing()
    },
  )
  const people$ = mapState(list.members$, createPeople<unknown>())
  closing$.subscribe((partings) => {
    closed = true
    if (!partings) entrance.left()
    entrance.exit()
    if (parting) partings?.push(parting)
    watching.end()
    usage.end()
    for (const state of [list.members$, list.cursors$, status$, self$]) state.complete()
  })

  return {
    members$: observed(list.members$, watching),
    people$: observed(people$, watching),
    typing$: observed(mapState(people$, createTypists<unknown>()), watching),
    cursors$: observed(list.cursors$, watching),
    status$,
    self$,
    enter: (state, options) => (closed ? () => {} : entrance.enter(state, options)),
    update: entrance.update,
    exit: entrance.exit,
    typing: entrance.typing,
    stopTyping: entrance.stopTyping,
    moveCursor: entrance.moveCursor,
  }
}

/**
 * The presence of a channel: who is on it, and one's own place among them. The same object for the same handle; it
 * does nothing until something of it is used.
 *
 * @throws SynclineError `unknown-event` where the contract has no `presence`.
 * @example
 * const presence = channelPresence(client.channel(board, { id: 42 }))
 * presence.people$.subscribe((people) => render(people.map(({ state }) => state.name)))
 * const exit = presence.enter({ name: 'Ada' })
 */
export const channelPresence = <C extends ContractWithPresence>(
  channel: PresenceChannel<C>,
): PresenceOf<C> => {
  const source = presenceSourceOf(channel)
  source.presence ??= createPresence(channel.name, channel.contract.definition, source)
  return source.presence as PresenceOf<C>
}
