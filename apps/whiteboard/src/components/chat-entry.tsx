import { memo } from 'react'
import { colourOf } from '../colours.ts'
import type { ChatMessage } from '../contract.ts'

interface ChatEntryProps {
  readonly message: ChatMessage
  readonly own: boolean
  /** The one before is by the same person. */
  readonly follows: boolean
  /** Not saved yet. */
  readonly unsaved: boolean
}

const time = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })

/** One message; who said it stands over the first of a row. */
export const ChatEntry = memo(function ChatEntry({ message, own, follows, unsaved }: ChatEntryProps) {
  const { by, text, at } = message
  return (
    <li className="message" data-own={own} data-follows={follows} data-unsaved={unsaved || undefined}>
      <p className={follows ? 'visually-hidden' : 'by'} data-colour={colourOf(by)}>
        {own ? 'You' : by} <time dateTime={new Date(at).toISOString()}>{time.format(at)}</time>
      </p>
      <p className="text">{text}</p>
      {unsaved && <p className="sending">waiting</p>}
    </li>
  )
})
