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

/** What a session is asked for and answers later, so much at a time. */
export class Requests {
  readonly #context: SessionContext
  readonly #requester: Requester
  #count = 0

  constructor(context: SessionContext, requester: Requester) {
    this.#context = context
    this.#requester = requester
  }

  /** True while something was asked for that is not answered. */
  get pending(): boolean {
    return this.#count > 0
  }

  ask(frame: RequestFrame): void {
    const { limits } = this.#context
    const tooMany = frame.type === 'heads' && frame.channels.length > limits.channels
    if (this.#count < limits.requestsInFlight && !tooMany) this.#watch(this.#answer(frame))
    else {
      const error = new SynclineError('rate-limited', { retryAfter })
      if (frame.type === 'join') this.#requester.refuse(frame.channel, error)
      else this.#requester.complain(error, 'channel' in frame ? frame.channel : undefined)
    }
  }

  #answer(frame: RequestFrame): Promise<void> {
    switch (frame.type) {
      case 'join':
        return joinChannel(this.#context, this.#requester, frame)
      case 'fetch':
        return fetchPage(this.#context, this.#requester, frame)
      case 'snapshot':
        return sendSnapshot(this.#context, this.#requester, frame)
      case 'heads':
        return sendHeads(this.#context, this.#requester, frame)
      case 'auth':
        return this.#requester.refresh(frame.token)
    }
  }

  #watch(work: Promise<void>): void {
    this.#count++
    work.then(
      () => void this.#count--,
      (error) => {
        this.#count--
        this.#context.logger.error({ subject: this.#requester.user.id, error }, 'a request failed')
        this.#requester.complain(new SynclineError('internal'))
      },
    )
  }
}
