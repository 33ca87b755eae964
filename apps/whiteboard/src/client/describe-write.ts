import type { ParkedWrite, Receipt } from '@syncline/core'
import type { ChatMessage } from '../contract.ts'

/** What a write was to do, in words. */
export const describeWrite = (write: Receipt): string => {
  switch (write.name) {
    case 'chat:send':
      return `Say “${(write.input as Partial<ChatMessage>).text}”.`
    case 'stroke:add':
      return 'Draw a stroke.'
    case 'stroke:remove':
      return 'Take back a stroke.'
    default:
      return 'Clear the board.'
  }
}

/** Why it was not done. */
export const describeReason = ({ reason, error }: ParkedWrite): string =>
  reason === 'rejected' ? (error.detail ?? error.remedy) : error.remedy
