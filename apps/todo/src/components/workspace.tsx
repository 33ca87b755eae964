import type { SynclineError, View } from '@syncline/core'
import { useSyncState, useView } from '@syncline/react'
import { StatusLine } from 'demo-support/client'
import { useState } from 'react'
import { providers } from '../client/providers.ts'
import { useActions } from '../client/use-actions.ts'
import { useProgress } from '../client/use-progress.ts'
import type { WindowSettings } from '../client/window-settings.ts'
import type { Todo } from '../contract.ts'
import { AddTodo } from './add-todo.tsx'
import { Announcements } from './announcements.tsx'
import { ParkedWrites } from './parked-writes.tsx'
import { TodoRow } from './todo-row.tsx'
import { WaitingWrites } from './waiting-writes.tsx'

interface WorkspaceProps {
  readonly list: View<Todo[]>
  readonly settings: WindowSettings
}

/** The list of one person, and everything about whether it is saved. */
export function Workspace({ list, settings }: WorkspaceProps) {
  const todos = useView(list)
  const confirmed = useSyncState(list.confirmed$, undefined)
  const [lost, setLost] = useState<SynclineError>()
  const actions = useActions(setLost)
  const progressOf = useProgress()
  const provider = providers[settings.provider].name
  return (
    <>
      <StatusLine provider={provider} />
      <AddTodo onAdd={actions.add} />
      {lost && (
        <p className="lost" role="alert">
          Your last change could not be kept. {lost.remedy}
        </p>
      )}
      {todos === undefined ? (
        <WaitingWrites />
      ) : (
        <ul className="todos" aria-label="Todos">
          {todos.map((todo) => (
            <TodoRow key={todo.id} todo={todo} progress={progressOf(todo.id)} actions={actions} />
          ))}
        </ul>
      )}
      {todos?.length === 0 && (
        <p className="empty">Nothing to do. Add something, here or in another window.</p>
      )}
      <ParkedWrites todos={confirmed ?? []} onLost={setLost} />
      <Announcements provider={provider} />
    </>
  )
}
