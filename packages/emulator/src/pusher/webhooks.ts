import { sign } from './signature.ts'

/** The webhooks that Pusher posts. */
export type WebhookName =
  | 'channel_occupied'
  | 'channel_vacated'
  | 'member_added'
  | 'member_removed'
  | 'client_event'
  | 'cache_miss'
  | 'subscription_count'

export interface WebhookOptions {
  /** Where they are posted. */
  readonly url: string
  /** Which are posted. Default: all. */
  readonly events?: readonly WebhookName[]
  /** Told of events that are given up, after five attempts or because 10,000 wait. Default: a process warning. */
  readonly onFailure?: (error: Error) => void
}

/** One event of a webhook, as its receiver gets it. */
export interface WebhookEvent {
  readonly name: WebhookName
  readonly channel: string
  readonly [field: string]: unknown
}

export interface Webhooks {
  add(event: WebhookEvent): void
  stop(): void
}

const MAX_WAITING = 10_000
const ATTEMPTS = 5
const TIMEOUT = 10_000

/** Posts events in order, those of one moment together; what fails is tried again after 1, 2, 4 and 8 s. */
export const createWebhooks = (
  options: WebhookOptions | undefined,
  key: string,
  secret: string,
  now: () => number,
): Webhooks => {
  if (!options) return { add: () => undefined, stop: () => undefined }
  const { url, events, onFailure = (error) => process.emitWarning(error) } = options
  const stopped = new AbortController()
  let waiting: WebhookEvent[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  let busy = false

  const flush = async () => {
    const batch = waiting
    waiting = []
    busy = true
    const body = JSON.stringify({ time_ms: now(), events: batch })
    const error = await deliver(body)
    if (stopped.signal.aborted) return
    if (error) onFailure(error)
    busy = false
    schedule()
  }
  const schedule = () => {
    if (busy || timer || waiting.length === 0) return
    timer = setTimeout(() => {
      timer = undefined
      void flush()
    })
  }
  const deliver = async (body: string): Promise<Error | undefined> => {
    let failure: Error | undefined
    for (let attempt = 0; attempt < ATTEMPTS && !stopped.signal.aborted; attempt += 1) {
      if (attempt > 0) await pause(500 * 2 ** attempt, stopped.signal)
      failure = await post(url, body, key, sign(secret, body), stopped.signal)
      if (!failure) return undefined
    }
    return failure
  }
  return {
    add: (event) => {
      if (stopped.signal.aborted || (events && !events.includes(event.name))) return
      if (waiting.length >= MAX_WAITING)
        return onFailure(new Error(`Webhook ${event.name} given up: too many wait.`))
      waiting.push(event)
      schedule()
    },
    stop: () => {
      clearTimeout(timer)
      stopped.abort()
    },
  }
}

const post = async (url: string, body: string, key: string, signature: string, stopped: AbortSignal) => {
  const headers = { 'content-type': 'application/json', 'x-pusher-key': key, 'x-pusher-signature': signature }
  const signal = AbortSignal.any([stopped, AbortSignal.timeout(TIMEOUT)])
  try {
    const { ok, status } = await fetch(url, { method: 'POST', headers, body, signal })
    return ok ? undefined : new Error(`Webhook to ${url} was answered with ${status}.`)
  } catch (error) {
    return new Error(`Webhook to ${url} failed.`, { cause: error })
  }
}

const pause = (milliseconds: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, milliseconds)
    signal.addEventListener('abort', done)
  })
