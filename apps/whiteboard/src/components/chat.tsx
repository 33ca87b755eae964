import type { ChannelHandle } from '@syncline/core'
import { useTyping } from '@syncline/react'
import { type ChangeEvent, type FormEvent, useRef, useState } from 'react'
import type { Actions } from '../client/use-actions.ts'
import { useStickyScroll } from '../client/use-sticky-scroll.ts'
import type { board, ChatMessage } from '../contract.ts'
import { ChatEntry } from './chat-entry.tsx'
import { TypingLine } from './typing-line.tsx'

interface ChatProps {
  readonly channel: ChannelHandle<typeof board>
  readonly messages: readonly ChatMessage[]
  readonly person: string
  readonly unsaved: ReadonlySet<string>
  readonly actions: Actions
}

/** What is said beside the board. */
export function Chat({ channel, messages, person, unsaved, actions }: ChatProps) {
  const [text, setText] = useState('')
  const { people, typing, stop } = useTyping(channel)
  const list = useRef<HTMLOListElement>(null)
  useStickyScroll(list)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (text.trim() === '') return
    actions.say(text.trim())
    setText('')
    stop()
  }
  const change = (event: ChangeEvent<HTMLInputElement>) => {
    setText(event.target.value)
    if (event.target.value === '') stop()
    else typing()
  }
  return (
    <section className="chat" aria-label="Chat">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached with the keyboard */}
      <ol ref={list} role="log" aria-label="Messages" tabIndex={0}>
        {messages.map((message, index) => (
          <ChatEntry
            key={message.id}
            message={message}
            own={message.by === person}
            follows={messages[index - 1]?.by === message.by}
            unsaved={unsaved.has(message.id)}
          />
        ))}
        {messages.length === 0 && <li className="empty">Nobody has said anything yet.</li>}
      </ol>
      <TypingLine names={people.map(({ state }) => state.name)} />
      <form onSubmit={submit}>
        <input
          aria-label="Message"
          placeholder="Say something"
          autoComplete="off"
          maxLength={500}
          value={text}
          onChange={change}
        />
        <button type="submit" className="primary">
          Send
        </button>
      </form>
    </section>
  )
}
