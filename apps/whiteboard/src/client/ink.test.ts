import { describe, expect, it } from 'vitest'
import { encode, type Point, pathOf, simplify } from './ink.ts'

const points = (...places: readonly [x: number, y: number][]): Point[] => places.map(([x, y]) => ({ x, y }))

/** The points of a line with so many steps from corner to corner. */
const between = (corners: readonly Point[], steps: number): Point[] =>
  corners.slice(1).flatMap((to, index) => {
    const from = corners[index]!
    return Array.from({ length: steps + 1 }, (_, step) => ({
      x: Math.round(from.x + ((to.x - from.x) * step) / steps),
      y: Math.round(from.y + ((to.y - from.y) * step) / steps),
    }))
  })

/** Points all along a path of lines and curves. */
const sample = (path: string): Point[] => {
  const shares = Array.from({ length: 21 }, (_, index) => index / 20)
  let at: Point = { x: 0, y: 0 }
  return path.match(/[MLQ][^MLQ]*/g)!.flatMap((command) => {
    const [x = 0, y = 0, ...end] = command.slice(1).split(' ').map(Number)
    const from = command.startsWith('M') ? { x, y } : at
    const to = end.length === 2 ? { x: end[0]!, y: end[1]! } : { x, y }
    const control = end.length === 2 ? { x, y } : { x: (from.x + x) / 2, y: (from.y + y) / 2 }
    at = to
    return shares.map((t) => ({
      x: (1 - t) ** 2 * from.x + 2 * t * (1 - t) * control.x + t ** 2 * to.x,
      y: (1 - t) ** 2 * from.y + 2 * t * (1 - t) * control.y + t ** 2 * to.y,
    }))
  })
}

const nearest = ({ x, y }: Point, among: readonly Point[]): number =>
  Math.min(...among.map((point) => Math.hypot(point.x - x, point.y - y)))

describe('encode', () => {
  it('gives the first point, and then the way from each to the next', () => {
    expect(encode(points([600, 400], [603, 398], [603, 405]))).toEqual([600, 400, 3, -2, 0, 7])
  })
})

describe('pathOf', () => {
  it('makes a dot of one point', () => {
    expect(pathOf([5, 7])).toBe('M5 7h0')
  })

  it('begins and ends where the pen did, with corners that are hardly round', () => {
    expect(pathOf([0, 0, 100, 0, 0, 100])).toBe('M0 0L95.8 0Q100 0 100 4.2L100 100')
  })

  it('goes through the middles of short lines, so that curves are smooth', () => {
    expect(pathOf([0, 0, 8, 0, 4, 4])).toBe('M0 0L4 0Q8 0 10 2L12 4')
  })

  it('shows a rectangle as a rectangle', () => {
    const corners = points([0, 0], [400, 0], [400, 600], [0, 600], [0, 0])
    const drawn = between(corners, 20)
    const shown = sample(pathOf(encode(simplify(drawn))))
    for (const { x, y } of shown) {
      const inside = Math.min(x, 400 - x, y, 600 - y)
      expect(inside).toBeLessThanOrEqual(2)
      expect(inside).toBeGreaterThanOrEqual(-0.1)
    }
    for (const corner of corners) expect(nearest(corner, shown)).toBeLessThan(2)
  })

  it.each([12, 60, 300])('shows a circle of %i without an edge', (radius) => {
    const drawn = Array.from({ length: 121 }, (_, step) => ({
      x: Math.round(400 + radius * Math.cos((step * Math.PI) / 60)),
      y: Math.round(400 + radius * Math.sin((step * Math.PI) / 60)),
    }))
    const shown = sample(pathOf(encode(simplify(drawn))))
    for (const { x, y } of shown) expect(Math.abs(Math.hypot(x - 400, y - 400) - radius)).toBeLessThan(2.5)
  })
})

describe('simplify', () => {
  it('keeps the ends and the corners of a line, and nothing between', () => {
    const line = points([0, 0], [10, 0], [20, 0], [30, 0], [30, 10], [30, 20])
    expect(simplify(line)).toEqual(points([0, 0], [30, 0], [30, 20]))
  })

  it('keeps the turn of a line that comes back over itself', () => {
    const line = points([0, 0], [20, 0], [50, 0], [20, 0], [10, 0])
    expect(simplify(line)).toEqual(points([0, 0], [50, 0], [10, 0]))
    expect(simplify(points([0, 0], [9, 0], [0, 0]))).toHaveLength(3)
  })

  it('leaves nothing out that is farther than a unit from what stays', () => {
    const wave = Array.from({ length: 200 }, (_, x) => ({ x, y: Math.round(40 * Math.sin(x / 9)) }))
    const kept = simplify(wave)
    expect(kept.length).toBeLessThan(80)
    for (const { x, y } of wave) {
      const right = Math.max(
        1,
        kept.findIndex((point) => point.x >= x),
      )
      const [a, b] = [kept[right - 1]!, kept[right]!]
      const between = a.y + ((b.y - a.y) * (x - a.x)) / (b.x - a.x)
      expect(Math.abs(between - y)).toBeLessThan(6)
    }
  })
})
