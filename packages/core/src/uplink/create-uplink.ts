import type { Environment } from '../environment/environment.ts'
import { fromWireError, SynclineError, toSynclineError } from '../errors/syncline-error.ts'
import { isCount, isError } from '../protocol/decode-hub-frame.ts'
import type { ByeFrame, ClientFrame } from '../protocol/frames.ts'
import { createOutgoingLine } from './outgoing-line.ts'
import { post } from './post.ts'

/** Milliseconds until a request must be answered; one that is not ends the session with `transport-failed`. */
const requestTimeout = 10_000
/** Characters that wait at most while a request is on its way; more end the session with `too-large`. */
const waitingBound = 2 ** 24
/**
 * Heartbeats without a request after which one is made. Core pings once an interval, or once in two if it has sent
 * something just after a beat, and gives up after two without an answer.
 */
const idleBeats = 1.4

export interface UplinkOptions {
  /** Where the gateway is served: `{url of the hub's handler}/{provider}`, without a slash at its end. */
  readonly url: string
  readonly environment: Pick<Environment, 'fetch' | 'setTimer' | 'signals$'>
  /** The session's token; after an `auth` frame it is that frame's. */
  readonly token: string | undefined
  /** Whether cookies go along. Default `same-origin`, as with `fetch`. */
  readonly credentials?: RequestCredentials | undefined
  /** More headers for every request; a function is asked before each. Default: none. */
  readonly headers?: Record<string, string> | (() => Record<string, string>) | undefined
  /**
   * Frames of one answer, possibly none: hand them on as a `frames` event either way, for the heartbeat hears it.
   * Not those of the opening, unless it was refused.
   */
  readonly onFrames: (frames: readonly unknown[]) => void
  /** A request failed, so the session is over. Once, and not after `close`. */
  readonly onError: (error: SynclineError) => void
}

export interface UplinkOpened {
  /** Names this client at the provider: what wakes it is addressed to this. */
  readonly wake: string
  /** What the gateway tells its transport. */
  readonly provider: unknown
  /** The welcome, and what came with it: hand them on after the `open` event. */
  readonly frames: readonly unknown[]
}

/** What goes up to the hub over HTTP, and its answers. One for each attempt. */
export interface Uplink {
  /**
   * Opens the session. A `bye` instead of a welcome goes to `onFrames` and is the rejection as well.
   * @throws SynclineError as a rejection; `onError` is not called for it
   */
  open(frames: readonly ClientFrame[]): Promise<UplinkOpened>
  /** Sends in order; what comes while a request is on its way gathers for the next. Never throws. */
  send(frames: readonly ClientFrame[]): void
  /** Fetches what waits: call it when woken, and when waking has become possible. */
  poll(): void
  /**
   * Asks the gateway for what its provider needs. Where that fails, what the hub still has to say is handed on first.
   * @throws SynclineError as a rejection: the gateway's refusal; one that ends the session goes to `onError` as well
   */
  act(action: string, body?: Readonly<Record<string, unknown>>): Promise<unknown>
  /** Ends the session and tells the hub, as well as that can be done when a page goes. */
  close(): void
}

interface Answer {
  readonly session?: string
  readonly wake?: string
  readonly heartbeat?: number
  readonly provider?: unknown
  readonly frames: readonly unknown[]
  readonly more?: boolean
}

/** Where there is no session, the only frame with an error is the bye. */
const isBye = (frame: unknown): frame is ByeFrame => isError((frame as Partial<ByeFrame> | null)?.error)

const failed = (detail: string): SynclineError => new SynclineError('transport-failed', { detail })

const framesIn = (body: unknown): Answer => {
  if (!Array.isArray((body as Partial<Answer> | undefined)?.frames)) throw failed('No hub.')
  return body as Answer
}

/** The client's half of the uplink, for transports whose provider cannot carry what a client sends. */
export const createUplink = (options: UplinkOptions): Uplink => {
  const { url, credentials, headers, onFrames, onError } = options
  const { fetch, setTimer, signals$ } = options.environment
  const hangUp = new AbortController()
  const line = createOutgoingLine()
  let { token } = options
  let session: string | undefined
  let heartbeat = 0
  /** Requests so far: the hub knows by it one that the browser sends again. */
  let count = 0
  let posting = false
  /** Settles once nothing waits to be sent or fetched. */
  let running = Promise.resolve()
  let wanted = false
  let over = false
  let cancelIdle = () => {}

  const request = (path: string, body: string, more?: RequestInit): Promise<unknown> =>
    post(fetch, url + path, {
      body,
      signal: hangUp.signal,
      ...(credentials && { credentials }),
      headers: {
        ...(typeof headers === 'function' ? headers() : headers),
        'content-type': 'application/json',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      ...more,
    })

  /** The hub notices without it, only later. */
  const part = () => {
    if (session === undefined) return
    const late = new AbortController()
    const cancel = setTimer(requestTimeout, () => late.abort())
    request('/close', JSON.stringify({ session }), { keepalive: true, signal: late.signal })
      .catch(() => {})
      .finally(cancel)
  }
  // Nothing more is done: should the page live on, the next request finds the session over.
  const life = signals$.subscribe((signal) => {
    if (signal === 'gone') part()
  })
  const end = () => {
    over = true
    life.unsubscribe()
    cancelIdle()
    hangUp.abort()
  }
  const fail = (cause: unknown) => {
    if (over) return
    end()
    onError(toSynclineError(cause, 'transport-failed'))
  }

  /** Not longer than the hub keeps a session that is not asked for: core's heartbeat does not hear an action hang. */
  const timed = async (answer: Promise<unknown>): Promise<unknown> => {
    const limit = Math.min(requestTimeout, 2.5 * heartbeat || requestTimeout)
    const cancel = setTimer(limit, () => fail(failed(`No answer within ${limit} ms.`)))
    try {
      return await answer
    } finally {
      cancel()
    }
  }

  const pollLater = () => {
    cancelIdle()
    cancelIdle = setTimer(heartbeat * idleBeats, poll)
  }
  const run = async () => {
    posting = true
    while (!over && (wanted || line.size)) {
      const { json, token: fresh } = line.take()
      pollLater()
      wanted = false
      const body = `{"session":${JSON.stringify(session)},"n":${++count},"frames":${json}}`
      const { frames, more } = framesIn(await timed(request('/send', body)))
      token = fresh ?? token
      if (more) wanted = true
      if (!over) onFrames(frames)
    }
    posting = false
  }
  const go = () => {
    if (!posting && !over && session !== undefined) running = run().catch(fail)
  }
  const poll = () => {
    wanted = true
    go()
  }

  return {
    open: async (opening) => {
      const answer = framesIn(await request('', JSON.stringify({ frames: opening })))
      const { frames, wake, provider, heartbeat: told } = answer
      if (over) throw failed('Hung up.')
      // Without one it would be asked without a pause.
      if (!answer.session || !isCount(told) || !told) {
        onFrames(frames)
        const bye = frames.find(isBye)
        throw bye ? fromWireError(bye.error) : failed('No session.')
      }
      session = answer.session
      heartbeat = told
      pollLater()
      go()
      return { wake: wake ?? '', provider, frames }
    },
    send: (frames) => {
      if (over) return
      line.add(frames)
      if (line.size > waitingBound) fail(new SynclineError('too-large', { detail: 'Too much waits.' }))
      else go()
    },
    poll,
    act: async (action, body = {}) => {
      try {
        if (over || session === undefined) throw failed('No session.')
        return await timed(request(`/${action}`, JSON.stringify({ ...body, session })))
      } catch (error) {
        // The hub's last words say more, and may be on their way: why there is no such session any more, say.
        poll()
        await running
        if (toSynclineError(error).code === 'transport-failed') fail(error)
        throw error
      }
    },
    close: () => {
      if (over) return
      end()
      part()
    },
  }
}
