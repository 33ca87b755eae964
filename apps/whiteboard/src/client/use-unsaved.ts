import { useOutbox } from '@syncline/react'
import { useMemo } from 'react'

/** The ids of strokes and messages that are not saved yet. */
export const useUnsaved = (): ReadonlySet<string> => {
  const { pending } = useOutbox()
  return useMemo(() => new Set(pending.flatMap(({ key }) => key ?? [])), [pending])
}
