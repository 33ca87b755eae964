import { type MouseEvent, useId, useRef, useState } from 'react'
import { focusNeighbour } from '../client/focus-neighbour.ts'
import type { Actions } from '../client/use-actions.ts'
import type { Progress } from '../client/use-progress.ts'
import type { Todo } from '../contract.ts'
import { nameOf } from '../people.ts'
import { RenameTodo } from './rename-todo.tsx'
import { RowProgress } from './row-progress.tsx'

interface TodoRowProps {
  readonly todo: Todo
  /** How its changes stand, if it has any that are not saved. */
  readonly progress: Progress | undefined
  readonly actions: Actions
}

/** One todo: check it, rename it, delete it. */
export function TodoRow({ todo, progress, actions }: TodoRowProps) {
  const [renaming, setRenaming] = useState(false)
  const title = useId()
  const titleButton = useRef<HTMLButtonElement>(null)

  const rename = (next: string | undefined) => {
    setRenaming(false)
    if (next !== undefined && next !== todo.title) actions.rename(todo.id, next)
    requestAnimationFrame(() => titleButton.current?.focus())
  }
  const remove = ({ currentTarget }: MouseEvent<HTMLButtonElement>) => {
    focusNeighbour(currentTarget.closest('li'), '.delete')
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
          <svg viewBox="0 0 16 16" aria-hidden="true">
            <path d="m3 13 .6-2.8 7-7 2.2 2.2-7 7zM9.3 4.5l2.2 2.2" />
          </svg>
        </button>
      )}
      <RowProgress progress={progress} />
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
