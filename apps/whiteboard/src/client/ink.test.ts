import { describe, expect, it } from 'vitest'
import { encode, type Point, pathOf, simplify } from './ink.ts'

const points = (...places: readonly [x: number, y: number][]): Point[] => places.map(([x, y]) => ({ x, y }))

describe('encode', () => {
  it('gives the first point, and then the way from each to the next', () => {
    expect(encode(points([600, 400], [603, 398], [603, 405]))).toEqual([600, 400, 3, -2, 0, 7])
  })
})

describe('pathOf', () => {
  it('makes a dot of one point', () => {
    expect(pathOf([5, 7])).toBe('M5 7h0')
  })

  it('begins and ends where the pen did, with curves between', () => {
    expect(pathOf([0, 0, 10, 0, 0, 10])).toBe('M0 0Q10 0 10 5L10 10')
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
