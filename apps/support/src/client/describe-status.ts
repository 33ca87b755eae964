import type { ConnectionStatus } from '@syncline/core'

/** How the connection stands, in words and as a colour, and whether a person can do something about it. */
export interface StatusText {
  readonly tone: 'good' | 'waiting' | 'bad'
  readonly text: string
  readonly canRetry: boolean
}

export const describeStatus = (
  status: ConnectionStatus,
  provider: string,
  secondsLeft: number | undefined,
): StatusText => {
  switch (status.at) {
    case 'idle':
    case 'connecting':
      return { tone: 'waiting', text: `Connecting over ${provider}…`, canRetry: false }
    case 'connected':
      return { tone: 'good', text: `Connected over ${provider}`, canRetry: false }
    case 'reconnecting':
      return {
        tone: 'waiting',
        text: `Reconnecting: try ${status.attempt} ${secondsLeft === undefined ? '…' : `in ${secondsLeft}\u00a0s`}`,
        canRetry: status.retryAt !== undefined,
      }
    case 'offline':
      return { tone: 'waiting', text: 'Offline: changes wait here', canRetry: true }
    case 'needs-auth':
      return { tone: 'bad', text: 'Sign in again to go on', canRetry: true }
    case 'failed':
      return { tone: 'bad', text: `Not connected: ${status.error.remedy}`, canRetry: true }
    case 'closed':
      return { tone: 'waiting', text: 'Closed', canRetry: false }
  }
}
