import { SynclineError } from '@syncline/core'
import type { ClientFrame } from '@syncline/core/protocol'
import { fetchPage } from './fetch-page.ts'
import { joinChannel } from './join-channel.ts'
import type { Requester } from './requester.ts'
import { sendHeads } from './send-heads.ts'
import { sendSnapshot } from './send-snapshot.ts'
import type { SessionContext } from './session-context.ts'

/** Frames whose answer takes its time. */
export type RequestFrame = Extract<ClientFrame, { type: 'join' | 'fetch' | 'snapshot' | 'heads' | 'auth' }>

/** How long a client waits that asked for too much at once, in milliseconds. */
const retryAfter = 1_000

const answer = (context: SessionContext, requester: Requester, frame: RequestFrame): Promise<void> => {
  switch (frame.type) {
    case 'join':
      return joinChannel(context, requester, frame)
    case 'fetch':
      return fetchPage(context, requester, frame)
    case 'snapshot':
      return sendSnapshot(context, requester, frame)
    case 'heads':
      return sendHeads(context, requester, frame)
    case 'auth':
      return requester.refresh(frame.token)
  }
}

/** What a session is asked for and answers later, so much at a time. */
export const answerRequest = (context: SessionContext, requester: Requester, frame: RequestFrame): void => {
  const { limits, logger } = context
  const tooMany = frame.type === 'heads' && frame.channels.length > limits.channels
  if (requester.requests >= limits.requestsInFlight || tooMany) {
    const error = new SynclineError('rate-limited', { retryAfter })
    if (frame.type === 'join') requester.refuse(frame.channel, error)
    else requester.complain(error, 'channel' in frame ? frame.channel : undefined)
    return
  }
  requester.requests++
  answer(context, requester, frame).then(
    () => void requester.requests--,
    (error) => {
      requester.requests--
      logger.error({ subject: requester.user.id, error }, 'a request failed')
      requester.complain(new SynclineError('internal'))
    },
  )
}
