import { Observable } from 'rxjs'
import { createChannelLog, type OwnedChannelLog } from '../channel/channel-log.ts'
import { createHubConnection } from '../connection/create-hub-connection.ts'
import type { AnyContract, ChannelDefinition } from '../contract/channel-contract.ts'
import { formatChannelName } from '../contract/channel-name.ts'
import type { Environment } from '../environment/environment.ts'
import { SynclineError } from '../errors/syncline-error.ts'
import { createOutbox } from '../outbox/create-outbox.ts'
import type { CreateKeeper } from '../outbox/keeper.ts'
import { createMemoryKeeper } from '../outbox/memory-keeper.ts'
import type { Forget } from '../outbox/outbox.ts'
import { type HubFrame, PROTOCOL_VERSION } from '../protocol/frames.ts'
import type { Effect } from '../protocol/position.ts'
import { direct } from '../state/direct.ts'
import { Emitter } from '../state/emitter.ts'
import { memoryStorage } from '../storage/memory-storage.ts'
import type { HubLink } from '../transport/hub-link.ts'
import { createChannelHandle } from './channel-handle.ts'
import { type ChannelParsers, createChannelParsers } from './channel-parsers.ts'
import type { ChannelHandle, Client } from './client.ts'
import type { ClientOptions } from './client-options.ts'
import { createClientSession, storageName } from './client-session.ts'
import { createFrameRouter } from './frame-router.ts'

interface Channel {
  readonly contract: AnyContract
  readonly parsers: ChannelParsers
  readonly log: OwnedChannelLog
  readonly handle: ChannelHandle<AnyContract>
}

/**
 * Joins the stages, and decides nothing:
 * in: connection → router → channel log → view; out: handle → outbox → connection.
 */
export const createHubClient = (options: ClientOptions & { readonly environment: Environment }): Client => {
  const { environment, identity, storage = memoryStorage() } = options
  const errors$ = new Emitter<SynclineError>()
  const report = (error: SynclineError): void => errors$.next(error)
  const closing$ = new Emitter<Promise<unknown>[] | undefined>()
  const channels = new Map<string, Channel>()
  const router = createFrameRouter()
  const session = createClientSession(storage, identity, environment, report)

  const connection = createHubConnection({
    ...options,
    subject: session.subject,
    hello: () => ({
      type: 'hello',
      version: PROTOCOL_VERSION,
      client: session.client(),
      ...(identity !== undefined && { identity }),
    }),
  })
  connection.incoming$.subscribe(direct(router.route))
  connection.errors$.subscribe(report)
  // Before the outbox hears of the session.
  connection.session$.subscribe((link) => link && session.confirm(link.welcome.subject))

  let ending = false
  /** An effect on a channel that is not joined has nothing to arrive in. Logs that end with the client say nothing. */
  const hasPassed = (effects: readonly Effect[], acceptedIn: HubLink | undefined): boolean =>
    !ending &&
    effects.every(({ channel, position }) => {
      const log = channels.get(channel)?.log
      if (!log) return true
      const { phase, error, head } = log.state$.get()
      // Who was only asked for patience comes back to the channel.
      const isOut = phase === 'idle' || (phase === 'refused' && error?.retryAfter === undefined)
      // The head of a later session is never before what was accepted, but after a backup was restored.
      const isLost =
        log.session && log.session !== acceptedIn && head?.epoch === position.epoch && head.seq < position.seq
      // Where another log may be followed still, its positions say nothing of what this session accepted.
      return isOut || (!(acceptedIn && !log.session) && (isLost || log.hasPassed(position)))
    })

  const outbox = createOutbox({
    options: options.outbox,
    open: () => {
      // Whatever uses the outbox first also connects.
      queueMicrotask(start)
      return session.open()
    },
    claimed: session.claimed,
    keeper: (storage.keeper as CreateKeeper | undefined) ?? createMemoryKeeper,
    environment,
    link$: connection.session$,
    frames$: router.writes$,
    hasPassed,
    parseResult: (channel, mutation, result) => {
      const parsers = channels.get(channel)?.parsers
      return parsers ? parsers.result(mutation, result) : result
    },
    contractVersion: (channel) => channels.get(channel)?.contract.version,
    upgrade: (channel, write) => {
      const definition: ChannelDefinition | undefined = channels.get(channel)?.contract.definition
      return definition?.upgradeWrite?.(write)
    },
  })
  outbox.errors$.subscribe(report)

  let closing: Promise<void> | undefined
  const isOpen = (): boolean => closing === undefined
  /** The first use: reads what an earlier page left in the outbox, then connects. */
  const start = (): void => {
    if (!isOpen()) return
    outbox.start().then(() => isOpen() && connection.connect(), report)
  }

  const openChannel = (contract: AnyContract, name: string): Channel => {
    const parsers = createChannelParsers(contract)
    const pending$ = outbox.pendingOn(name)
    const log = createChannelLog({
      ...options.channels,
      name,
      environment,
      parseEvent: parsers.event,
      parseSnapshot: parsers.snapshot,
      link$: connection.session$,
      frames$: new Observable<HubFrame>((subscriber) => {
        start()
        return router.channel(name).subscribe(subscriber)
      }),
      pending$: outbox.waitingOn(name),
    })
    log.errors$.subscribe(report)
    log.state$.subscribe(direct(outbox.progress))
    const handle = createChannelHandle(
      contract,
      log,
      outbox,
      {
        log,
        pending$,
        loaded$: outbox.loaded$,
        hold: () => outbox.hold(name),
        settled: (position) => outbox.settled(name, position),
        storage: session.use,
        signedOut: () => session.forgotten,
        environment,
        report,
        link$: connection.session$,
        frames$: router.channel(name),
        closing$,
      },
      start,
    )
    return { contract, parsers, log, handle }
  }

  const channel = (contract: AnyContract, parameters?: Record<string, string | number>) => {
    const name = formatChannelName(contract, parameters)
    const known = channels.get(name)
    if (known && known.contract !== contract)
      throw new SynclineError('invalid-channel', { detail: `"${name}" has another contract.` })
    if (known) return known.handle
    const opened = openChannel(contract, name)
    channels.set(name, opened)
    return opened.handle
  }

  const end = async (movesOn?: boolean, forget?: Forget): Promise<void> => {
    ending = true
    if (forget) session.forget()
    const partings: Promise<unknown>[] | undefined = movesOn ? undefined : []
    closing$.next(partings)
    closing$.complete()
    if (partings?.length) await Promise.all(partings)
    connection.close()
    // Views end with their logs, and store what they have not stored yet.
    for (const { log } of channels.values()) log.close()
    try {
      await outbox.close(forget)
    } finally {
      await session.close(forget).finally(() => errors$.complete())
    }
  }
  const close = (movesOn?: boolean, forget?: Forget): Promise<void> => {
    closing ??= end(movesOn, forget)
    return closing
  }

  return {
    status$: connection.status$,
    errors$,
    outbox,
    channel: channel as Client['channel'],
    receipt: outbox.receipt,
    connect: start,
    retryNow: connection.retryNow,
    adoptAnonymous: async () => {
      if (identity === undefined) return 0
      const anonymous = await storage.open(storageName(undefined))
      try {
        return await outbox.takeFrom(anonymous)
      } finally {
        await anonymous.close()
      }
    },
    signOut: ({ discardWrites } = {}) => close(false, discardWrites ? 'stored' : 'shown'),
    close: ({ movesOn } = {}) => close(movesOn),
  }
}
