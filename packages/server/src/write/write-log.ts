import type { ErrorCode } from '@syncline/core'
import type { Logger } from '../logger.ts'
import type { StoredAnswer, StreamKey } from '../store/hub-store.ts'

/** A write as the log names it. */
export interface NamedWrite {
  readonly id: string
  readonly name: string
}

/** What the log says of single writes, by their ids: never what they hold. */
export interface WriteLog {
  /** Its answer is committed. Not said again when the write comes again. */
  decided(key: StreamKey, write: NamedWrite, outcome: StoredAnswer['outcome']): void
  /** It goes back to its client without an answer that is committed. */
  undecided(key: StreamKey, write: NamedWrite, code: ErrorCode): void
  /** The app's handler threw, or took too long. */
  failed(key: StreamKey, write: NamedWrite, code: ErrorCode, error: unknown): void
}

/** What is said of each write is for `debug`: a store that is down sends back all of them, again and again. */
const isHeard = (logger: Logger): boolean =>
  typeof logger.debug === 'function' && logger.isLevelEnabled?.('debug') !== false

export const createWriteLog = (logger: Logger): WriteLog => ({
  decided: ({ channel, subject }, { id, name }, outcome) => {
    if (!isHeard(logger)) return
    const { type } = outcome
    const code = type === 'rejected' ? outcome.error.code : undefined
    logger.debug({ traceId: id, channel, subject, name, outcome: type, code }, 'a write was decided')
  },
  undecided: ({ channel, subject }, { id, name }, code) => {
    if (isHeard(logger))
      logger.debug({ traceId: id, channel, subject, name, code }, 'a write was not decided')
  },
  failed: ({ channel, subject }, { id, name }, code, error) =>
    logger.error({ traceId: id, channel, subject, name, code, error }, 'a mutation failed'),
})
