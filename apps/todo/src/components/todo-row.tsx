import { type MouseEvent, useId, useRef, useState } from 'react'
import type { Actions } from '../client/use-actions.ts'
import type { Todo } from '../contract.ts'
import { nameOf } from '../people.ts'
import { RenameTodo } from './rename-todo.tsx'

interface TodoRowProps {
  readonly todo: Todo
  /** Whether a change of it is still on its way. */
  readonly saving: boolean
  readonly actions: Actions
}

/** One todo: check it, rename it, delete it. */
export function TodoRow({ todo, saving, actions }: TodoRowProps) {
  const [renaming, setRenaming] = useState(false)
  const title = useId()
  const titleButton = useRef<HTMLButtonElement>(null)

  const rename = (next: string | undefined) => {
    setRenaming(false)
    if (next !== undefined && next !== todo.title) actions.rename(todo.id, next)
    requestAnimationFrame(() => titleButton.current?.focus())
  }
  const remove = ({ currentTarget }: MouseEvent<HTMLButtonElement>) => {
    focusNeighbour(currentTarget.closest('li'))
    actions.remove(todo.id)
  }

  return (
    <li className="todo" data-done={todo.done}>
      <input
        type="checkbox"
        aria-labelledby={title}
        checked={todo.done}
        onChange={(event) => actions.check(todo.id, event.target.checked)}
      />
      {renaming ? (
        <RenameTodo title={todo.title} onDone={rename} />
      ) : (
        <button
          type="button"
          className="title"
          ref={titleButton}
          title="Rename"
          onClick={() => setRenaming(true)}
        >
          <span id={title}>{todo.title}</span>
        </button>
      )}
      <span className="saving">
        {saving && (
          <>
            <svg viewBox="0 0 16 16" aria-hidden="true">
              <path d="M8 13V3.5M4 7l4-4 4 4" />
            </svg>
            <span>saving…</span>
          </>
        )}
      </span>
      <span className="author" data-person={todo.by} title={`Added by ${nameOf(todo.by)}`}>
        <span aria-hidden="true">{nameOf(todo.by).charAt(0)}</span>
        <span className="visually-hidden">Added by {nameOf(todo.by)}</span>
      </span>
      <button type="button" className="delete" aria-label={`Delete ${todo.title}`} onClick={remove}>
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="m4 4 8 8m0-8-8 8" />
        </svg>
      </button>
    </li>
  )
}

/** Keyboard users go on where they were, although the row under them goes. */
const focusNeighbour = (row: Element | null) => {
  const neighbour = row?.nextElementSibling ?? row?.previousElementSibling
  const next = neighbour?.querySelector<HTMLElement>('.delete') ?? document.getElementById('new-todo')
  next?.focus()
}
