import { memo, useEffect, useState } from 'react'
import type { Stroke } from '../contract.ts'
import { StrokePath } from './stroke-path.tsx'

interface StrokesProps {
  readonly strokes: readonly Stroke[]
  readonly person: string
  readonly unsaved: ReadonlySet<string>
}

/** Everything that was drawn, oldest first. */
export const Strokes = memo(function Strokes({ strokes, person, unsaved }: StrokesProps) {
  const old = useFirst(strokes)
  return (
    <g>
      {strokes.map((stroke) => (
        <StrokePath
          key={`${stroke.id}/${stroke.part}`}
          stroke={stroke}
          unsaved={unsaved.has(stroke.id)}
          fresh={old !== undefined && stroke.by !== person && !old.has(`${stroke.id}/${stroke.part}`)}
        />
      ))}
    </g>
  )
})

/** The keys of what was there first. */
const useFirst = (strokes: readonly Stroke[]): ReadonlySet<string> | undefined => {
  const [first, setFirst] = useState<ReadonlySet<string>>()
  const there = strokes.length > 0
  useEffect(() => {
    if (there) setFirst((known) => known ?? new Set(strokes.map(({ id, part }) => `${id}/${part}`)))
  }, [there, strokes])
  return first
}
