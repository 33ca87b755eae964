import type { Subscription } from 'rxjs'
import type { Environment, LifecycleSignal } from '../environment/environment.ts'
import { SynclineError, toSynclineError } from '../errors/syncline-error.ts'
import type { BackoffOptions } from '../operators/backoff-delay.ts'
import { Emitter } from '../state/emitter.ts'
import { createState } from '../state/state.ts'
import type { Connection, ConnectionStatus } from './connection.ts'
import { type ConnectionEvent, phaseOf, transition } from './connection-state.ts'
import { createRetryPolicy } from './retry-policy.ts'
import type { TokenProvider } from './token-provider.ts'
import { createTokenSource } from './token-source.ts'

/** What a live session lets the connection do with it. */
export interface SessionControls {
  /** Makes sure soon that the link is alive. */
  check?(): void
  /** Hands a fresh token to the other side, in place. */
  renew?(token: string): void
}

/** What one attempt tells. Nothing after `ended`, and nothing after it was hung up. */
export interface AttemptEvents<Session, In> {
  /** Open and confirmed. */
  opened(session: Session, controls: SessionControls): void
  received(incoming: In): void
  /** A failure that ends nothing. */
  report(error: SynclineError): void
  ended(error: SynclineError): void
}

/** Makes one attempt; returns how to hang up. */
export type Dial<Session, In> = (token: string | undefined, events: AttemptEvents<Session, In>) => () => void

export interface ConnectionOptions {
  readonly environment: Environment
  /** Where tokens come from. Default: none, an attempt carries no token. */
  readonly token?: TokenProvider | undefined
  readonly backoff?: BackoffOptions | undefined
  /** How long an attempt may take until its session is confirmed, token included, in ms. Default 10,000. */
  readonly attemptTimeout?: number | undefined
}

/**
 * The one loop around every transport: dials, waits, follows network and page life, brings the token.
 *
 * - Failures in a row are counted until a session has lived for 10 s: a hub that welcomes and falls over at
 *   once is not dialled in a tight loop.
 * - `offline` hangs up and waits for the network; `retryNow` dials nevertheless (a hub on this machine).
 * - A page that is seen again, resumes or finds its network tries at once when it waits, unless the hub
 *   asked for more patience, and checks its link when it is connected.
 */
export const createConnection = <Session, In>(
  options: ConnectionOptions & { readonly dial: Dial<Session, In>; dispose(): void },
): Connection<Session, In> => {
  const { environment, attemptTimeout = 10_000 } = options
  const status$ = createState<ConnectionStatus>({ at: 'idle' })
  const session$ = createState<Session | undefined>(undefined)
  const incoming$ = new Emitter<In>()
  const errors$ = new Emitter<SynclineError>()
  const tokens = options.token && createTokenSource(options.token, environment, attemptTimeout)
  const policy = createRetryPolicy(environment, options.backoff ?? {}, tokens !== undefined)
  const queue: ConnectionEvent[] = []
  let busy = false
  /** Ends what the status has going on: a wait, an attempt, a session. */
  let stop = () => {}
  let check: (() => void) | undefined
  let signals: Subscription | undefined

  /** One event at a time, also when a listener answers a status by calling back in. */
  const dispatch = (event: ConnectionEvent) => {
    queue.push(event)
    if (busy) return
    busy = true
    while (queue[0]) step(queue.shift() as ConnectionEvent)
    busy = false
  }

  const step = (event: ConnectionEvent) => {
    const before = status$.get()
    const status = transition(before, event)
    if (status === before) return
    if (status.at !== 'connected') stop()
    status$.set(status)
    follow(status)
  }

  const follow = (status: ConnectionStatus) => {
    switch (phaseOf(status)) {
      case 'connecting':
        policy.startOver()
        signals ??= environment.signals$.subscribe(onSignal)
        return dial()
      case 'reconnecting':
        return dial()
      case 'waiting':
        return wait((status as { retryAt: number }).retryAt)
      case 'offline':
        signals ??= environment.signals$.subscribe(onSignal)
        return
      case 'idle':
      case 'closed':
        signals?.unsubscribe()
        signals = undefined
        if (status.at === 'closed') finish()
    }
  }

  const wait = (until: number) => {
    const cancel = environment.setTimer(until - environment.now(), () => dispatch({ type: 'due' }))
    stop = once(cancel)
  }

  const dial = () => {
    let over = false
    let hangUp: (() => void) | undefined
    let stopRenewal: (() => void) | undefined
    let token: string | undefined
    const stopAttempt = once(() => {
      over = true
      check = undefined
      cancelTimeout()
      stopRenewal?.()
      hangUp?.()
      session$.set(undefined)
    })
    const ended = (error: SynclineError, fromProvider = false) => {
      if (over) return
      over = true
      errors$.next(error)
      // A listener may have ended it all meanwhile.
      if (stop === stopAttempt) dispatch(policy.after(error, fromProvider))
    }
    const opened = (session: Session, controls: SessionControls) => {
      if (over) return
      cancelTimeout()
      policy.opened()
      check = controls.check
      const wasBusy = busy
      busy = true
      session$.set(session)
      busy = wasBusy
      dispatch({ type: 'opened' })
      if (!over && tokens && token !== undefined && controls.renew)
        stopRenewal = tokens.keepFresh(token, controls.renew, report)
    }
    const report = (error: SynclineError) => errors$.next(error)
    const received = (incoming: In) => incoming$.next(incoming)
    const start = (given: string | undefined) => {
      if (over) return
      token = given
      try {
        const end = options.dial(given, { opened, received, report, ended })
        if (over) end()
        else hangUp = end
      } catch (error) {
        ended(toSynclineError(error, 'transport-failed'))
      }
    }
    const cancelTimeout = environment.setTimer(attemptTimeout, () =>
      ended(
        new SynclineError(tokens && token === undefined ? 'token-failed' : 'transport-failed', {
          detail: `No session within ${attemptTimeout} ms.`,
        }),
      ),
    )
    stop = stopAttempt
    if (tokens)
      tokens.get(policy.tokenReason()).then(
        (given) => {
          policy.tokenTaken()
          start(given)
        },
        (error) => ended(error, true),
      )
    else start(undefined)
  }

  const onSignal = (signal: LifecycleSignal) => {
    if (signal === 'hidden' || signal === 'gone') return
    if (signal === 'offline' || !environment.isOnline()) return dispatch({ type: 'offline' })
    check?.()
    if (status$.get().at === 'offline' || policy.mayHurry()) dispatch({ type: 'online' })
  }

  const finish = () => {
    options.dispose()
    for (const subject of [session$, status$, incoming$, errors$]) subject.complete()
  }

  return {
    status$,
    session$,
    incoming$,
    errors$,
    connect: () => dispatch({ type: environment.isOnline() ? 'connect' : 'await-network' }),
    retryNow: () => dispatch({ type: 'retry' }),
    disconnect: () => dispatch({ type: 'disconnect' }),
    close: () => dispatch({ type: 'close' }),
  }
}

const once = (work: () => void) => {
  let done = false
  return () => {
    if (done) return
    done = true
    work()
  }
}
