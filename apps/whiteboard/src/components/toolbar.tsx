import { type KeyboardEvent, type MouseEvent, useEffect, useState } from 'react'
import { type Colour, type Width, widths } from '../colours.ts'
import { Swatches } from './swatches.tsx'

interface ToolbarProps {
  readonly colours: readonly Colour[]
  readonly colour: Colour
  readonly width: Width
  readonly onColour: (colour: Colour) => void
  readonly onWidth: (width: Width) => void
  /** Left out: there is nothing of one's own to take back. */
  readonly onUndo: (() => void) | undefined
  /** Left out: the board is empty. */
  readonly onClear: (() => void) | undefined
}

const widthNames = Object.keys(widths) as Width[]

/** The pen, and what takes away what was drawn. */
export function Toolbar({ colours, colour, width, onColour, onWidth, onUndo, onClear }: ToolbarProps) {
  return (
    <div className="toolbar">
      <Swatches label="Colour" kind="colour" options={colours} value={colour} onChange={onColour} />
      <Swatches label="Width" kind="width" options={widthNames} value={width} onChange={onWidth} />
      <div className="taking-back">
        <button type="button" disabled={!onUndo} onClick={onUndo} title="Take back your last stroke">
          <svg viewBox="0 0 16 16" aria-hidden="true">
            <path d="M6 3 2.5 6.5 6 10M3 6.5h6.5a3.5 3.5 0 0 1 0 7H7" />
          </svg>
          <span>Undo</span>
        </button>
        <ClearButton onClear={onClear} />
      </div>
    </div>
  )
}

/** How long it asks before it is an ordinary button again, in milliseconds. */
const patience = 4_000
/** How long it has asked before an answer counts, in milliseconds: a double-click is none. */
const pause = 700

type Asking = 'no' | 'not yet' | 'yes'

/** Takes everybody's strokes, so it asks once. */
function ClearButton({ onClear }: Pick<ToolbarProps, 'onClear'>) {
  const [asking, setAsking] = useState<Asking>('no')
  useEffect(() => {
    if (asking === 'no') return
    const next = asking === 'yes' ? 'no' : 'yes'
    const timer = setTimeout(() => setAsking(next), asking === 'yes' ? patience : pause)
    return () => clearTimeout(timer)
  }, [asking])
  const click = (event: MouseEvent) => {
    if (asking === 'no') return setAsking('not yet')
    if (asking === 'not yet' || event.detail > 1) return
    onClear?.()
    setAsking('no')
  }
  return (
    <button
      type="button"
      data-asking={asking !== 'no'}
      aria-disabled={asking === 'not yet' || undefined}
      disabled={!onClear}
      onClick={click}
      onKeyDown={ignoreRepeats}
      onBlur={() => setAsking('no')}
    >
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d="M2.5 4.5h11M6 4.5V3h4v1.5M4 4.5l.6 9h6.8l.6-9" />
      </svg>
      <span>{asking === 'no' ? 'Clear' : 'Clear for all?'}</span>
    </button>
  )
}

/** A key that is held down presses again and again. */
const ignoreRepeats = (event: KeyboardEvent) => {
  if (event.repeat) event.preventDefault()
}
