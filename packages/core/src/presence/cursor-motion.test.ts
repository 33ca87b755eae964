import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createState } from '../state/state.ts'
import { type CursorStep, createCursorMotion, cursorAt, nextStep } from './cursor-motion.ts'
import type { Member, MemberCursor } from './presence.ts'

interface Point {
  readonly x: number
  readonly tool?: string
}

const member = (id: string): Member<string> => ({
  id,
  person: id,
  since: 0,
  state: id,
  status: 'active',
  typing: false,
  self: false,
})

describe('a step', () => {
  it('moves numbers evenly, in nested objects too, and lets anything else jump', () => {
    const from = { at: { x: 0, y: 10 }, tool: 'pen', points: [1], page: null }
    const to = { at: { x: 10, y: 0 }, tool: 'brush', points: [2], page: 3 }
    const step: CursorStep<typeof from | typeof to> = { from, to, start: 100, duration: 50 }
    expect(cursorAt(step, 100).at).toEqual({ x: 0, y: 10 })
    expect(cursorAt(step, 125)).toEqual({ at: { x: 5, y: 5 }, tool: 'brush', points: [2], page: 3 })
    expect(cursorAt(step, 150)).toBe(to)
  })

  it('takes as long as the last, and a moment after a pause', () => {
    const first = nextStep<Point>(undefined, { x: 0 }, 0)
    expect(cursorAt(first, 0)).toEqual({ x: 0 })
    const second = nextStep(first, { x: 10 }, 33)
    expect(second).toEqual({ from: { x: 0 }, to: { x: 10 }, start: 33, duration: 33 })
    expect(nextStep(second, { x: 20 }, 5_000)).toMatchObject({ from: { x: 10 }, duration: 100 })
  })

  it('never leaves what lies between two updates, and arrives', () => {
    const updates = fc.array(fc.record({ x: fc.integer(), after: fc.integer({ min: 1, max: 400 }) }), {
      minLength: 2,
    })
    fc.assert(
      fc.property(updates, fc.double({ min: 0, max: 1, noNaN: true }), (list, share) => {
        let now = 0
        let step = nextStep<Point>(undefined, { x: 0 }, 0)
        const seen = [0]
        for (const { x, after } of list) {
          now += after
          step = nextStep(step, { x }, now)
          seen.push(x)
          const shown = cursorAt(step, now + share * step.duration).x
          expect(shown).toBeGreaterThanOrEqual(Math.min(...seen))
          expect(shown).toBeLessThanOrEqual(Math.max(...seen))
          expect(cursorAt(step, now + 250)).toEqual({ x })
        }
      }),
    )
  })
})

describe('the motion of cursors', () => {
  const setUp = () => {
    const cursors$ = createState<readonly MemberCursor<string, Point>[]>([])
    let draw: ((now: number) => void) | undefined
    const motion$ = createCursorMotion(cursors$, (next) => {
      draw = next
      return () => {
        draw = undefined
      }
    })
    const frame = (now: number) => {
      const due = draw
      draw = undefined
      due?.(now)
      return motion$.get().map(({ cursor }) => cursor.x)
    }
    const move = (...at: readonly number[]) =>
      cursors$.set(at.map((x, index) => ({ member: member(String(index)), cursor: { x } })))
    return { cursors$, motion$, frame, move, isDrawing: () => draw !== undefined }
  }

  it('draws while something moves, and rests then', () => {
    const { motion$, frame, move, isDrawing } = setUp()
    expect(isDrawing()).toBe(false)
    const subscription = motion$.subscribe()
    move(0)
    expect(frame(0)).toEqual([0])
    expect(isDrawing()).toBe(false)
    move(30)
    expect(frame(30)).toEqual([0])
    expect(frame(45)).toEqual([15])
    expect(isDrawing()).toBe(true)
    expect(frame(60)).toEqual([30])
    expect(isDrawing()).toBe(false)
    subscription.unsubscribe()
  })

  it('puts new ones where they are, and lets go of those that left', () => {
    const { motion$, frame, move } = setUp()
    const subscription = motion$.subscribe()
    move(1)
    frame(0)
    move(1, 7)
    expect(frame(10)).toEqual([1, 7])
    move()
    expect(frame(20)).toEqual([])
    move(5)
    expect(frame(30)).toEqual([5])
    subscription.unsubscribe()
  })

  it('asks for no frame and follows nothing while nobody looks', () => {
    const { cursors$, motion$, move, isDrawing } = setUp()
    const subscription = motion$.subscribe()
    move(1)
    expect(isDrawing()).toBe(true)
    subscription.unsubscribe()
    expect(isDrawing()).toBe(false)
    move(2)
    expect(isDrawing()).toBe(false)
    expect(motion$.get()).toBe(cursors$.get())
  })
})
