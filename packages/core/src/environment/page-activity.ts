import { Observable } from 'rxjs'
import type { PageActivity } from './environment.ts'

/** What tells that somebody is there. */
const INPUTS = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart', 'scroll']

/** Between two signs of life, in milliseconds. */
const QUIET = 1_000

const options = { capture: true, passive: true }

const inputs$ = new Observable<void>((subscriber) => {
  let last = Number.NEGATIVE_INFINITY
  const listener = ({ timeStamp }: Event): void => {
    if (timeStamp - last < QUIET) return
    last = timeStamp
    subscriber.next()
  }
  for (const type of INPUTS) globalThis.document.addEventListener(type, listener, options)
  return () => {
    for (const type of INPUTS) globalThis.document.removeEventListener(type, listener, options)
  }
})

/**
 * The activity of the page that this runs in; undefined where there is none (Node, workers). It is apart from the
 * default environment, so that only who uses presence loads it.
 */
export const pageActivity = (): PageActivity | undefined =>
  globalThis.document && {
    isVisible: () => globalThis.document.visibilityState !== 'hidden',
    inputs$,
  }
