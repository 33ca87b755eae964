import type { ChannelHandle } from '@syncline/core'
import { useMemo, useState } from 'react'
import type { Actions } from '../client/use-actions.ts'
import { type Colour, colourOf, pensOf, type Width } from '../colours.ts'
import type { board, Stroke } from '../contract.ts'
import { Canvas } from './canvas.tsx'
import { Toolbar } from './toolbar.tsx'

interface BoardCardProps {
  readonly channel: ChannelHandle<typeof board>
  readonly strokes: readonly Stroke[]
  readonly person: string
  /** Whether this browser has ever had the board. */
  readonly loaded: boolean
  readonly unsaved: ReadonlySet<string>
  readonly actions: Actions
}

/** The board with its tools. */
export function BoardCard({ channel, strokes, person, loaded, unsaved, actions }: BoardCardProps) {
  const [colour, setColour] = useState<Colour>(() => colourOf(person))
  const [width, setWidth] = useState<Width>('medium')
  const colours = useMemo(() => pensOf(person), [person])
  const last = strokes.findLast(({ by }) => by === person)
  return (
    <section className="board" aria-label="Board">
      <Toolbar
        colours={colours}
        colour={colour}
        width={width}
        onColour={setColour}
        onWidth={setWidth}
        onUndo={last && (() => actions.erase(last.id))}
        onClear={strokes.length > 0 ? actions.clear : undefined}
      />
      <Canvas
        channel={channel}
        strokes={strokes}
        person={person}
        unsaved={unsaved}
        colour={colour}
        width={width}
        onDraw={actions.draw}
      >
        {strokes.length === 0 && (
          <p className="empty">
            {loaded
              ? 'An empty board. Draw something, here or in another window.'
              : 'The board is on its way …'}
          </p>
        )}
      </Canvas>
    </section>
  )
}
