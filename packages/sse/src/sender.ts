import { type Environment, SynclineError } from '@syncline/core'
import { type ClientFrame, encodeClientFrame } from '@syncline/core/protocol'
import { refusal } from './event-stream.ts'

/** Characters that gather for one POST; a single frame may be larger. */
const POST_SIZE = 2 ** 16
/** Milliseconds until a POST must be answered; one that is not ends the attempt with `transport-failed`. */
const POST_TIMEOUT = 10_000
/** Characters that wait at most while a POST is on its way; more end the attempt with `too-large`. */
const WAITING_BOUND = 2 ** 24

/**
 * Sends frames of a session in order: one POST at a time, and what comes meanwhile gathers for the next. A new
 * token is used from the POST after the one that brings it.
 */
export const createSender = (
  post: (path: string, body: string, token: string | undefined) => Promise<Response>,
  session: string,
  token: string | undefined,
  fail: (cause: unknown) => void,
  setTimer: Environment['setTimer'],
): ((frames: readonly ClientFrame[]) => void) => {
  const waiting: { json: string; token: string | undefined }[] = []
  let size = 0
  let posting = false

  const late = () =>
    fail(new SynclineError('transport-failed', { detail: `No answer within ${POST_TIMEOUT} ms.` }))

  const deliver = async (frames: readonly string[]) => {
    const cancel = setTimer(POST_TIMEOUT, late)
    try {
      const body = `{"session":${JSON.stringify(session)},"frames":[${frames}]}`
      const response = await post('/send', body, token)
      if (!response.ok) throw await refusal(response)
    } finally {
      cancel()
    }
  }
  const run = async () => {
    posting = true
    while (waiting[0]) {
      const frames: string[] = []
      let length = 0
      let next = token
      do {
        const frame = waiting.shift() as (typeof waiting)[0]
        frames.push(frame.json)
        length += frame.json.length
        next = frame.token ?? token
      } while (waiting[0] && next === token && length + waiting[0].json.length < POST_SIZE)
      size -= length
      await deliver(frames)
      token = next
    }
    posting = false
  }
  return (frames) => {
    for (const frame of frames) {
      const json = encodeClientFrame(frame)
      waiting.push({ json, token: frame.type === 'auth' ? frame.token : undefined })
      size += json.length
    }
    if (size > WAITING_BOUND) fail(new SynclineError('too-large'))
    else if (!posting) run().catch(fail)
  }
}
