import type { SynclineError } from '@syncline/core'
import { usePresence, useView } from '@syncline/react'
import { StatusLine } from 'demo-support/client'
import { useMemo, useState } from 'react'
import type { Session } from '../client/open-session.ts'
import { providers } from '../client/providers.ts'
import { useActions } from '../client/use-actions.ts'
import { useUnsaved } from '../client/use-unsaved.ts'
import { colourOf } from '../colours.ts'
import type { Board } from '../contract.ts'
import { Announcements } from './announcements.tsx'
import { BoardCard } from './board-card.tsx'
import { Chat } from './chat.tsx'
import { ParkedWrites } from './parked-writes.tsx'
import { People } from './people.tsx'

const empty: Board = { strokes: [], messages: [] }

/** The board of one person, and everything about whether it is saved. */
export function Workspace({ session }: { readonly session: Session }) {
  const { channel, view, settings } = session
  const state = useView(view)
  const [lost, setLost] = useState<SynclineError>()
  const actions = useActions(channel, setLost)
  const unsaved = useUnsaved()
  const { person, provider } = settings
  const self = useMemo(() => ({ name: person, colour: colourOf(person), provider }), [person, provider])
  const { people, status } = usePresence(channel, self)
  const { strokes, messages } = state ?? empty
  return (
    <>
      <StatusLine provider={providers[provider].name} />
      {lost && (
        <p className="lost" role="alert">
          Your last change could not be kept. {lost.remedy}
        </p>
      )}
      <div className="desk">
        <BoardCard
          channel={channel}
          strokes={strokes}
          person={person}
          loaded={state !== undefined}
          unsaved={unsaved}
          actions={actions}
        />
        <People people={people} status={status} />
        <Chat channel={channel} messages={messages} person={person} unsaved={unsaved} actions={actions} />
      </div>
      <ParkedWrites onLost={setLost} />
      <Announcements provider={providers[provider].name} />
    </>
  )
}
