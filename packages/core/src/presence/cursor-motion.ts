import { Observable, type Subscription } from 'rxjs'
import { createState, type State } from '../state/state.ts'
import type { MemberCursor } from './presence.ts'

/** The longest that one step takes, in ms: as far apart may updates be and the cursor still moves evenly. */
const LONGEST = 250
/** How long the first step after a pause takes, in ms. */
const AFTER_PAUSE = 100

/** Runs `draw` at the next frame, with the frame's time in ms; returns the cancellation. */
export type NextFrame = (draw: (now: number) => void) => () => void

/** One step of a cursor: from where it was shown to where it was said to be. */
export interface CursorStep<Cursor> {
  readonly from: Cursor
  readonly to: Cursor
  readonly start: number
  /** In milliseconds. */
  readonly duration: number
}

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype

const between = (from: unknown, to: unknown, share: number): unknown => {
  if (typeof from === 'number' && typeof to === 'number') return from + (to - from) * share
  if (!isPlain(from) || !isPlain(to)) return to
  return Object.fromEntries(Object.keys(to).map((key) => [key, between(from[key], to[key], share)]))
}

/** Where a cursor is to be shown: numbers move evenly, in objects too; anything else jumps. */
export const cursorAt = <Cursor>({ from, to, start, duration }: CursorStep<Cursor>, now: number): Cursor =>
  now >= start + duration ? to : (between(from, to, Math.max(0, now - start) / duration) as Cursor)

/**
 * The step that an update begins. It takes as long as the last one lasted, so that the cursor arrives as the next
 * update does: one update late, and never beyond what was said.
 */
export const nextStep = <Cursor>(
  last: CursorStep<Cursor> | undefined,
  to: Cursor,
  now: number,
): CursorStep<Cursor> => {
  if (!last) return { from: to, to, start: now, duration: 0 }
  const pause = now - last.start
  return { from: cursorAt(last, now), to, start: now, duration: pause > LONGEST ? AFTER_PAUSE : pause }
}

/**
 * Cursors that move evenly from update to update, drawn frame by frame while one moves.
 *
 * @example
 * const moving$ = createCursorMotion(presence.cursors$, (draw) => {
 *   const handle = requestAnimationFrame(draw)
 *   return () => cancelAnimationFrame(handle)
 * })
 */
export const createCursorMotion = <S, Cursor>(
  cursors$: State<readonly MemberCursor<S, Cursor>[]>,
  nextFrame: NextFrame,
): State<readonly MemberCursor<S, Cursor>[]> => {
  const shown$ = createState(cursors$.get())
  let steps = new Map<string, CursorStep<Cursor>>()
  let users = 0
  let source: Subscription | undefined
  let cancel: (() => void) | undefined

  const request = (): void => {
    cancel ??= nextFrame(draw)
  }
  const draw = (now: number): void => {
    cancel = undefined
    const before = steps
    steps = new Map()
    let moving = false
    const shown = cursors$.get().map((one) => {
      const { id } = one.member
      const last = before.get(id)
      const step = last?.to === one.cursor ? last : nextStep(last, one.cursor, now)
      steps.set(id, step)
      const cursor = cursorAt(step, now)
      moving ||= now < step.start + step.duration
      return cursor === one.cursor ? one : { member: one.member, cursor }
    })
    shown$.set(shown)
    if (moving) request()
  }
  const stop = (): void => {
    source?.unsubscribe()
    source = undefined
    cancel?.()
    cancel = undefined
    steps.clear()
  }

  return Object.assign(
    new Observable<readonly MemberCursor<S, Cursor>[]>((subscriber) => {
      if (!users++) {
        shown$.set(cursors$.get())
        source = cursors$.subscribe(request)
      }
      const subscription = shown$.subscribe(subscriber)
      return () => {
        subscription.unsubscribe()
        if (!--users) stop()
      }
    }),
    { get: () => (users ? shown$ : cursors$).get() },
  )
}
