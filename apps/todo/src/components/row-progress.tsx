import type { Progress } from '../client/use-progress.ts'

const texts: Record<Progress, string> = {
  saving: 'saving…',
  waiting: 'waiting',
  held: 'waits for the change below',
}
const arrow = 'M8 13V3.5M4 7l4-4 4 4'
const clock = 'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2Zm0 3v3l2 1.5'

/** How the changes of a row stand. Its place is there, filled or not. */
export function RowProgress({ progress }: { readonly progress: Progress | undefined }) {
  return (
    <span className="progress">
      {progress && (
        <>
          <svg viewBox="0 0 16 16" aria-hidden="true">
            <path d={progress === 'saving' ? arrow : clock} />
          </svg>
          <span>{texts[progress]}</span>
        </>
      )}
    </span>
  )
}
