import { lastPart, longestPart } from '../contract.ts'
import { encode, type Point, pathOf, simplify } from './ink.ts'
import { newId } from './new-id.ts'

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

  /** As it will be sent, so that nothing moves when it is. */
  const show = () => onPath(pathOf(encode(simplify(points))))
  const send = (sent: readonly Point[]) => {
    if (id === undefined) return
    onPart({ id, part, points: encode(simplify(sent)) })
    part += 1
    if (part > lastPart) [id, part] = [newId(), 0]
  }
  /** Ends a part half-way to the last point: both parts meet there in one direction. */
  const cut = () => {
    const [before, last] = points.slice(-2)
    if (!before || !last) return
    const middle = { x: Math.round((before.x + last.x) / 2), y: Math.round((before.y + last.y) / 2) }
    send([...points.slice(0, -1), middle])
    points = [middle, last]
    show()
  }
  const add = (point: Point) => {
    const last = points.at(-1)
    if (last && last.x === point.x && last.y === point.y) return
    points.push(point)
    if (points.length * 2 >= longestPart) cut()
  }
  const up = () => {
    clearInterval(timer)
    send(points)
    id = undefined
    onPath('')
  }
  return {
    get isDown() {
      return id !== undefined
    },
    down: (point: Point) => {
      if (id !== undefined) up()
      id = newId()
      part = 0
      points = [point]
      show()
      timer = setInterval(() => isWatched() && points.length > 2 && cut(), partTime)
    },
    move: (more: readonly Point[]) => {
      if (id === undefined) return
      for (const point of more) add(point)
      show()
    },
    up,
  }
}
