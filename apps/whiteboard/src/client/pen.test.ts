import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { longestPart } from '../contract.ts'
import { pathOf } from './ink.ts'
import { createPen, type DrawnPart } from './pen.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const start = (watched = true) => {
  const parts: DrawnPart[] = []
  const paths: string[] = []
  const pen = createPen({
    isWatched: () => watched,
    onPart: (part) => parts.push(part),
    onPath: (path) => paths.push(path),
  })
  return { pen, parts, paths }
}

it('sends a dot for a touch', () => {
  const { pen, parts, paths } = start()
  pen.down({ x: 3, y: 4 })
  pen.up()
  expect(parts).toEqual([{ id: expect.any(String), part: 0, points: [3, 4] }])
  expect(paths).toEqual(['M3 4h0', ''])
})

it('sends a stroke in parts while it is drawn, each from where the last one ended, on the way to the next point', () => {
  const { pen, parts } = start()
  pen.down({ x: 0, y: 0 })
  pen.move([
    { x: 10, y: 0 },
    { x: 10, y: 20 },
  ])
  vi.advanceTimersByTime(5_000)
  expect(parts).toHaveLength(1)
  pen.up()
  expect(parts.map(({ part, points }) => [part, points])).toEqual([
    [0, [0, 0, 10, 0, 0, 10]],
    [1, [10, 10, 0, 10]],
  ])
  expect(new Set(parts.map(({ id }) => id)).size).toBe(1)
})

it('sends a stroke whole where nobody can watch', () => {
  const { pen, parts } = start(false)
  pen.down({ x: 0, y: 0 })
  for (let x = 1; x <= 5; x++) {
    pen.move([{ x, y: (x % 2) * 9 }])
    vi.advanceTimersByTime(400)
  }
  pen.up()
  expect(parts).toHaveLength(1)
})

it('never makes a part longer than the contract lets it be', () => {
  const { pen, parts } = start(false)
  pen.down({ x: 0, y: 0 })
  pen.move(Array.from({ length: 1_000 }, (_, x) => ({ x, y: (x % 2) * 9 })))
  pen.up()
  expect(Math.max(...parts.map(({ points }) => points.length))).toBe(longestPart)
  expect(parts.map(({ part }) => part)).toEqual(parts.map((_, index) => index))
})

it('shows while it draws what it sends', () => {
  const { pen, parts, paths } = start(false)
  pen.down({ x: 0, y: 0 })
  for (let step = 1; step <= 60; step++)
    pen.move([{ x: Math.min(step, 30) * 10, y: Math.max(0, step - 30) * 10 }])
  pen.up()
  expect(paths.at(-2)).toBe(pathOf(parts[0]!.points))
})

it('ends one stroke before the next', () => {
  const { pen, parts } = start()
  pen.down({ x: 0, y: 0 })
  pen.down({ x: 9, y: 9 })
  pen.up()
  expect(parts.map(({ points }) => points)).toEqual([
    [0, 0],
    [9, 9],
  ])
  expect(parts[0]?.id).not.toBe(parts[1]?.id)
})
