import { type AnyContract, formatChannelName, type ParametersArgument, SynclineError } from '@syncline/core'
import { createChannelRegistry } from '../channel/channel-registry.ts'
import { anonymous, type Identity } from '../channel/identity.ts'
import { createLiveChannels } from '../channel/live-channels.ts'
import { type Committer, createCommitter } from '../commit/committer.ts'
import { createMessageIds } from '../commit/message-ids.ts'
import { endOfTurn as endOfPlatformTurn, globalEnvironment } from '../environment/hub-environment.ts'
import { ownTimers } from '../environment/owned-timers.ts'
import { createFanOut } from '../fan-out/fan-out.ts'
import { Pace } from '../fan-out/pace.ts'
import { createProviderFanOut, type ProviderGateway } from '../fan-out/provider-fan-out.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { defaultLimits } from '../limits.ts'
import { createLogReader } from '../log/read-log.ts'
import { consoleLogger } from '../logger.ts'
import { membersOf } from '../presence/members-of.ts'
import { createPresence } from '../presence/presence.ts'
import { createSessions } from '../session/sessions.ts'
import { Elsewhere } from '../snapshot/elsewhere.ts'
import { createSnapshotReader } from '../snapshot/read-snapshot.ts'
import type { HubStore } from '../store/hub-store.ts'
import { createHandler } from '../uplink/create-handler.ts'
import { createStreamCache } from '../write/stream-cache.ts'
import type { HasAnswers } from '../write/stream-context.ts'
import { createWriteLog } from '../write/write-log.ts'
import { createClose } from './close.ts'
import { createConnect } from './connect.ts'
import { healthOf } from './health.ts'
import type { Hub, HubOptions } from './hub.ts'
import { createPublish } from './publish.ts'
import { createProviderRevocation } from './revoke-at-providers.ts'
import { sayBye } from './say-bye.ts'
import { keepTrimmed } from './trim.ts'
import { isFenced, watchFence } from './watch-fence.ts'

/** For those whom no compiler tells. @throws TypeError that names the option */
const checkOptions = (options: Partial<HubOptions<unknown, never>> | undefined): void => {
  if (typeof options?.store?.open !== 'function')
    throw new TypeError('createHub: `store` is missing: memoryStore(), or sqliteStore(file).')
  if (!Array.isArray(options.gateways))
    throw new TypeError('createHub: `gateways` is missing: [socketIoGateway(io)], [sseGateway()] or both.')
  const taken = new Set<string>()
  for (const { name, publish, routes } of options.gateways)
    for (const key of new Set([...(publish ? [name] : []), ...Object.keys(routes ?? {})])) {
      if (taken.has(key)) throw new TypeError(`createHub: two gateways are called "${key}".`)
      taken.add(key)
    }
}

const isProvider = (gateway: Gateway): gateway is ProviderGateway => gateway.publish !== undefined
/** How long clients wait whose hub was fenced off, in milliseconds, up to three times as long, by chance. */
const fencedRetryAfter = 1_000

/**
 * Makes a hub: per channel it authorises, validates, sequences, records and fans out.
 *
 * @example
 * const hub = createHub({ store: sqliteStore('hub.db'), gateways: [socketIoGateway(io)], authenticate })
 * hub.serve(todos, { snapshot: readTodos, mutations: { … } })
 */
export const createHub = <Db, User extends Identity = Identity>(
  options: HubOptions<Db, User>,
): Hub<Db, User> => {
  checkOptions(options as Partial<HubOptions<unknown, never>>)
  const { gateways, heartbeat = 15_000, handlerTimeout = 10_000, logger = consoleLogger } = options
  const store = options.store as HubStore
  const limits = {
    ...defaultLimits,
    resultBytes: options.limits?.frameBytes ?? defaultLimits.resultBytes,
    ...options.limits,
  }
  const { environment, cancelAll } = ownTimers(options.environment ?? globalEnvironment)
  const { endOfTurn = endOfPlatformTurn } = environment
  const state = { ready: false, failing: false, closing: false, fenced: false, revocations: 0 }

  const ready = store.open(environment).then(() => {
    state.ready = true
  })
  ready.catch((error) => logger.error({ error }, 'the store could not be opened'))

  // Data goes down this list, once in each direction: authorise, run, commit, fan out.
  const registry = createChannelRegistry({
    environment,
    logger,
    timeout: handlerTimeout,
    hasDatabase: store.db !== undefined,
  })
  const channels = createLiveChannels(store, limits, (live) => {
    fanOut.mark(live)
    fanOut.flush()
    for (const provider of providers) provider.kick(live.name)
  })
  const fanOut = createFanOut({
    environment,
    limits,
    endOfTurn,
    threw: (error) => logger.error({ error }, 'a gateway threw while messages were sent'),
    eased: channels.eased,
  })
  const paces = new Map(gateways.filter(isProvider).map((gateway) => [gateway, new Pace(environment)]))
  const providers = Array.from(paces, ([gateway, pace]) =>
    createProviderFanOut({ gateway, pace, store, channels, environment, limits, logger }),
  )
  const { grace = 10_000, interval = 33 } = options.presence ?? {}
  const presence = createPresence({
    environment,
    limits,
    logger,
    endOfTurn,
    grace,
    interval,
    paces,
    isAnonymous: options.authenticate === undefined,
  })
  const answering = new Set<HasAnswers>()
  const appendedToLog = keepTrimmed({
    store,
    environment,
    logger,
    ready,
    retention: options.retention,
    streamAge: options.streamAge,
  })

  const committer: Committer = createCommitter({
    store,
    endOfTurn,
    applied: (appended) => {
      for (const { channel, epoch, messages } of appended) {
        const live = channels.applied(channel, epoch, messages)
        appendedToLog(messages.length)
        if (live) fanOut.mark(live)
        for (const provider of providers) provider.kick(channel)
      }
    },
    fanOut: fanOut.flush,
    answered: () => {
      const replying = [...answering]
      answering.clear()
      for (const replies of replying) replies.sendAnswers()
    },
    took: () => {
      state.failing = false
      channels.retry()
    },
    threw: (error) => logger.error({ error, code: 'internal' }, 'a commit was not followed up to its end'),
    broken: (error, count) => {
      state.failing = true
      logger.error({ error, count, code: 'store-unavailable' }, 'the store refused a commit')
      checkFence(error)
      // The commit may be there all the same: no head is known any more until it was read again.
      if (!state.fenced) channels.doubt()
    },
  })

  /** A hub whose store was taken knows no head any more: everybody goes to the one that took it. */
  const checkFence = (error: unknown): void => {
    if (state.fenced || !isFenced(error)) return
    state.fenced = true
    logger.error(
      { error, code: 'fenced' },
      'another hub has opened the store: this one has ended its sessions',
    )
    for (const provider of providers) provider.stop()
    sayBye(environment, sessions, fencedRetryAfter)
  }

  const shared = {
    environment,
    messageId: createMessageIds(environment),
    limits,
    logger,
    registry,
    channels,
  }
  const elsewhere = new Elsewhere()
  const streams = createStreamCache({
    ...shared,
    writeLog: createWriteLog(logger),
    elsewhere,
    committer,
    store,
    handlerTimeout,
    revision: () => state.revocations,
    hasAnswers: (replies) => void answering.add(replies),
  })
  const sessions = createSessions(environment, heartbeat)
  const connect = createConnect({
    context: {
      ...shared,
      heartbeat,
      authenticateTimeout: options.authenticateTimeout ?? 10_000,
      streams,
      fanOut,
      presence,
      ready,
      log: createLogReader(store, limits),
      snapshots: createSnapshotReader({
        environment,
        limits,
        logger,
        timeout: options.snapshotTimeout ?? 2_000,
        db: () => store.db,
        elsewhere,
        passed: committer.passed,
        stillOurs: () =>
          store.commit([]).catch((error: unknown) => {
            checkFence(error)
            throw error
          }),
      }),
      authenticate: options.authenticate ?? (() => anonymous),
      isClosing: () => state.closing || state.fenced,
    },
    sessions,
  })
  const revokeAtProviders = createProviderRevocation({ gateways, environment, logger })
  const publish = createPublish({ context: shared, committer, elsewhere, ready, isReady: () => state.ready })
  const health = () =>
    healthOf(state, {
      store,
      connections: sessions.size,
      channels: channels.size,
      streams: streams.size,
      presence: presence.rooms,
    })

  watchFence({
    store,
    environment,
    ready,
    every: heartbeat,
    confirmed: channels.retry,
    refused: (error) => {
      if (isFenced(error)) checkFence(error)
      else logger.warn({ error }, 'the store did not say whose it is')
    },
  })
  ready
    .then(
      () => Promise.all(providers.map((provider) => provider.start())),
      () => undefined,
    )
    .catch((error) => logger.error({ error }, 'the fan-out cursors could not be read'))
  for (const gateway of gateways)
    gateway.start({
      limits,
      heartbeat,
      environment,
      logger,
      connect: (peer, opening) => connect(gateway, peer, opening),
    })

  return {
    ready,
    health,
    handler: createHandler({
      basePath: options.basePath ?? '/syncline',
      cors: options.cors,
      maxBytes: limits.frameBytes,
      routes: Object.assign({}, ...gateways.map(({ routes }) => routes)),
      health: () => ({ ok: health().status === 'ok', ...health() }),
      report: (error) => logger.error({ error }, 'a request to the uplink failed'),
    }),
    serve: (contract: AnyContract, serving: unknown) => registry.serve(contract, serving),
    publish: (contract: AnyContract, ...message: readonly unknown[]) =>
      state.closing || state.fenced
        ? Promise.reject(new SynclineError(state.fenced ? 'fenced' : 'closed'))
        : publish(contract, message),
    members: <C extends AnyContract>(contract: C, ...parameters: ParametersArgument<C>) => {
      const [given = {}] = parameters as readonly Readonly<Record<string, string | number>>[]
      return membersOf<C>(presence.find(formatChannelName(contract, given)))
    },
    revoke: ({ subject, channel }) => {
      state.revocations++
      for (const session of [...sessions.of(subject)])
        if (channel === undefined) session.end(new SynclineError('revoked'))
        else session.revoke(channel)
      presence.revoke(subject, channel)
      revokeAtProviders({ subject, ...(channel !== undefined && { channel }) })
    },
    close: createClose({
      state,
      environment,
      committer,
      isRunning: streams.isBusy,
      release: fanOut.release,
      sessions,
      providers,
      presence,
      gateways,
      store,
      cancelAll,
      ready,
    }),
  }
}
