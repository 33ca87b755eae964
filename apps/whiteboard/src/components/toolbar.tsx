import { useEffect, useState } from 'react'
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

/** Takes everybody's strokes, so it asks once. */
function ClearButton({ onClear }: Pick<ToolbarProps, 'onClear'>) {
  const [asking, setAsking] = useState(false)
  useEffect(() => {
    if (!asking) return
    const timer = setTimeout(() => setAsking(false), patience)
    return () => clearTimeout(timer)
  }, [asking])
  const click = () => {
    if (asking) onClear?.()
    setAsking(!asking)
  }
  return (
    <button
      type="button"
      data-asking={asking}
      disabled={!onClear}
      onClick={click}
      onBlur={() => setAsking(false)}
    >
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d="M2.5 4.5h11M6 4.5V3h4v1.5M4 4.5l.6 9h6.8l.6-9" />
      </svg>
      <span>{asking ? 'Clear for all?' : 'Clear'}</span>
    </button>
  )
}
