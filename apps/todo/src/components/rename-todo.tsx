import { type KeyboardEvent, useEffect, useRef } from 'react'

interface RenameTodoProps {
  readonly title: string
  /** With the new title, or undefined to leave it as it is. */
  readonly onDone: (title: string | undefined) => void
}

/** Enter or leaving the field keeps what was typed, Escape does not. */
export function RenameTodo({ title, onDone }: RenameTodoProps) {
  const field = useRef<HTMLInputElement>(null)
  const done = useRef(false)
  useEffect(() => field.current?.select(), [])

  const finish = (next: string | undefined) => {
    if (done.current) return
    done.current = true
    onDone(next?.trim() || undefined)
  }
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === 'Enter' && !event.nativeEvent.isComposing) finish(event.currentTarget.value)
    if (event.key === 'Escape') finish(undefined)
  }
  return (
    <input
      className="rename"
      aria-label={`New title for ${title}`}
      defaultValue={title}
      maxLength={200}
      autoComplete="off"
      ref={field}
      onKeyDown={onKeyDown}
      onBlur={(event) => finish(event.currentTarget.value)}
    />
  )
}
