import type { ChannelHandle } from '@syncline/core'
import { channelPresence } from '@syncline/core/presence'
import { useClient } from '@syncline/react'
import { type ReactNode, useMemo, useRef } from 'react'
import { usePen } from '../client/use-pen.ts'
import { type Colour, type Width, widths } from '../colours.ts'
import { type board, type Stroke, size } from '../contract.ts'
import { Cursors } from './cursors.tsx'
import { Strokes } from './strokes.tsx'

const viewBox = `0 0 ${size.width} ${size.height}`

interface CanvasProps {
  readonly channel: ChannelHandle<typeof board>
  readonly strokes: readonly Stroke[]
  readonly person: string
  readonly unsaved: ReadonlySet<string>
  readonly colour: Colour
  readonly width: Width
  readonly onDraw: (stroke: Omit<Stroke, 'by'>) => void
  readonly children: ReactNode
}

/** What is drawn on, with a pen, a finger, a mouse or the keyboard. */
export function Canvas({ channel, strokes, person, unsaved, colour, width, onDraw, children }: CanvasProps) {
  const count = useMemo(() => new Set(strokes.map(({ id }) => id)).size, [strokes])
  const live = useRef<SVGPathElement>(null)
  const crosshair = useRef<SVGPathElement>(null)
  const client = useClient()
  const handlers = usePen({
    isWatched: () => client.status$.get().at === 'connected',
    onPart: (part) => onDraw({ ...part, colour, width }),
    onPath: (path) => live.current?.setAttribute('d', path),
    onCrosshair: (point) => {
      if (point) crosshair.current?.setAttribute('transform', `translate(${point.x} ${point.y})`)
      crosshair.current?.toggleAttribute('data-shown', point !== undefined)
    },
    onCursor: (point) => channelPresence(channel).moveCursor(point ?? null),
  })
  return (
    <div className="canvas">
      <div className="sheet">
        <svg viewBox={viewBox} aria-hidden="true">
          <Strokes strokes={strokes} person={person} unsaved={unsaved} />
        </svg>
        {/* On a layer of its own: while one draws, what is below is not painted again. */}
        <svg
          className="pen"
          viewBox={viewBox}
          role="application"
          aria-label={`Drawing with ${count} ${count === 1 ? 'stroke' : 'strokes'}`}
          aria-roledescription="drawing board"
          aria-description="Arrow keys move the pen, Space puts it down and lifts it."
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it takes keys
          tabIndex={0}
          {...handlers}
        >
          <path ref={live} className="stroke" data-colour={colour} strokeWidth={widths[width]} />
          <path ref={crosshair} className="crosshair" d="M-22 0h14M8 0h14M0-22v14M0 8v14" />
        </svg>
        <Cursors channel={channel} />
        {children}
      </div>
    </div>
  )
}
