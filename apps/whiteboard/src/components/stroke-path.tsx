import { memo } from 'react'
import { pathOf } from '../client/ink.ts'
import { widths } from '../colours.ts'
import type { Stroke } from '../contract.ts'

interface StrokePathProps {
  readonly stroke: Stroke
  /** Not saved yet. */
  readonly unsaved: boolean
  /** Somebody else has just drawn it: it is drawn once more before our eyes. */
  readonly fresh: boolean
}

/** One part of a stroke. */
export const StrokePath = memo(function StrokePath({ stroke, unsaved, fresh }: StrokePathProps) {
  return (
    <path
      className="stroke"
      d={pathOf(stroke.points)}
      strokeWidth={widths[stroke.width]}
      data-colour={stroke.colour}
      data-unsaved={unsaved || undefined}
      data-fresh={(fresh && stroke.points.length > 2) || undefined}
      pathLength={fresh ? 1 : undefined}
    />
  )
})
