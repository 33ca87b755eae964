/** A point in the board's units. */
export interface Point {
  readonly x: number
  readonly y: number
}

/** How far a point may be from the line, in the board's units, to be left out. */
const tolerance = 0.9

/** How far the line passes a corner, in the board's units: as far as points of a curve may be left out, with a rest. */
const roundness = 1.5

/** As `x, y` of the first and the way from each to the next: small whole numbers are short to send. */
export const encode = (points: readonly Point[]): number[] => {
  let last = { x: 0, y: 0 }
  return points.flatMap((point) => {
    const step = [point.x - last.x, point.y - last.y]
    last = point
    return step
  })
}

/** The path of an SVG: straight lines whose corners are round, so that curves are smooth and squares stay square. */
export const pathOf = (encoded: readonly number[]): string => {
  const points = decode(encoded)
  const [first, last] = [points[0], points.at(-1)]
  if (!first || !last) return ''
  if (points.length === 1) return `M${first.x} ${first.y}h0`
  const corners = points.slice(1, -1).map((point, index) => {
    return cornerAt(points[index] ?? point, point, points[index + 2] ?? point)
  })
  return `M${first.x} ${first.y}${corners.join('')}L${last.x} ${last.y}`
}

const decode = (encoded: readonly number[]): readonly Point[] => {
  const points: Point[] = []
  for (let index = 0; index < encoded.length; index += 2) {
    const { x, y } = points.at(-1) ?? { x: 0, y: 0 }
    points.push({ x: x + (encoded[index] ?? 0), y: y + (encoded[index + 1] ?? 0) })
  }
  return points
}

/** From half-way at most to half-way at most, and no farther from the corner than `roundness`. */
const cornerAt = (before: Point, corner: Point, after: Point): string => {
  const turn = Math.abs(directionOf(corner, after) - directionOf(before, corner))
  const reach = (2 * roundness) / Math.abs(Math.sin(turn / 2))
  return `L${textOf(towards(corner, before, reach))}Q${textOf(corner)} ${textOf(towards(corner, after, reach))}`
}

const directionOf = (from: Point, to: Point): number => Math.atan2(to.y - from.y, to.x - from.x)

const towards = (from: Point, to: Point, reach: number): Point => {
  const length = Math.hypot(to.x - from.x, to.y - from.y)
  const share = length === 0 ? 0 : Math.min(1 / 2, reach / length)
  return { x: from.x + share * (to.x - from.x), y: from.y + share * (to.y - from.y) }
}

const textOf = ({ x, y }: Point): string => `${tenths(x)} ${tenths(y)}`

const tenths = (value: number): number => Math.round(value * 10) / 10

/** Leaves out what the eye does not miss (Ramer, Douglas and Peucker). */
export const simplify = (points: readonly Point[]): readonly Point[] => {
  const keep = new Set([0, points.length - 1])
  const spans: [from: number, to: number][] = [[0, points.length - 1]]
  for (let span = spans.pop(); span; span = spans.pop()) {
    const [from, to] = span
    const farthest = farthestOf(points, from, to)
    if (farthest === undefined) continue
    keep.add(farthest)
    spans.push([from, farthest], [farthest, to])
  }
  return points.filter((_, index) => keep.has(index))
}

const farthestOf = (points: readonly Point[], from: number, to: number): number | undefined => {
  const [a, b] = [points[from], points[to]]
  if (!a || !b) return undefined
  let farthest: number | undefined
  let most = tolerance
  for (let index = from + 1; index < to; index++) {
    const distance = distanceTo(points[index] ?? a, a, b)
    if (distance > most) [most, farthest] = [distance, index]
  }
  return farthest
}

/** From a point to the line that ends in `a` and `b`. */
const distanceTo = (point: Point, a: Point, b: Point): number => {
  const [dx, dy] = [b.x - a.x, b.y - a.y]
  const squared = dx * dx + dy * dy
  const along = squared === 0 ? 0 : ((point.x - a.x) * dx + (point.y - a.y) * dy) / squared
  const at = Math.min(1, Math.max(0, along))
  return Math.hypot(point.x - a.x - at * dx, point.y - a.y - at * dy)
}
