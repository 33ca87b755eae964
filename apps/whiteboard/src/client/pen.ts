import { longestPart } from '../contract.ts'
import { encode, type Point, pathOf, simplify } from './ink.ts'

/** A part of a stroke as the pen draws it. */
export interface DrawnPart {
  readonly id: string
  readonly part: number
  readonly points: number[]
}

export interface PenOptions {
  /** Whether anybody can watch: otherwise a stroke that is not too long is sent whole. */
  readonly isWatched: () => boolean
  /** Gets each part when it is done. */
  readonly onPart: (part: DrawnPart) => void
  /** Gets the path of what is not done yet; empty when nothing is. */
  readonly onPath: (path: string) => void
}

/** How long a part gets while the pen is down, so that others see the stroke grow. */
const partTime = 500

/** Draws one stroke at a time, in parts. */
export const createPen = ({ isWatched, onPart, onPath }: PenOptions) => {
  let id: string | undefined
  let part = 0
  let points: Point[] = []
  let timer: ReturnType<typeof setInterval> | undefined

  const send = () => {
    const last = points.at(-1)
    if (id === undefined || !last) return
    onPart({ id, part, points: encode(simplify(points)) })
    part += 1
    points = [last]
    onPath('')
  }
  const add = (point: Point) => {
    const last = points.at(-1)
    if (last && last.x === point.x && last.y === point.y) return
    points.push(point)
    if (points.length * 2 >= longestPart) send()
  }
  const up = () => {
    clearInterval(timer)
    if (points.length > 1 || part === 0) send()
    id = undefined
  }
  return {
    get isDown() {
      return id !== undefined
    },
    down: (point: Point) => {
      if (id !== undefined) up()
      id = crypto.randomUUID()
      part = 0
      points = [point]
      onPath(pathOf(encode(points)))
      timer = setInterval(() => isWatched() && points.length > 1 && send(), partTime)
    },
    move: (more: readonly Point[]) => {
      if (id === undefined) return
      for (const point of more) add(point)
      onPath(pathOf(encode(points)))
    },
    up,
  }
}

export type Pen = ReturnType<typeof createPen>
