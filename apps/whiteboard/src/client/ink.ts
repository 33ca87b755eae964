/** A point in the board's units. */
export interface Point {
  readonly x: number
  readonly y: number
}

/** How far a point may be from the line, in the board's units, to be left out. */
const tolerance = 0.9

/** As `x, y` of the first and the way from each to the next: small whole numbers are short to send. */
export const encode = (points: readonly Point[]): number[] => {
  let last = { x: 0, y: 0 }
  return points.flatMap((point) => {
    const step = [point.x - last.x, point.y - last.y]
    last = point
    return step
  })
}

/** The path of an SVG: curves through the middles, so that corners of the hand are round. */
export const pathOf = (encoded: readonly number[]): string => {
  let [x = 0, y = 0] = encoded
  let path = `M${x} ${y}`
  if (encoded.length === 2) return `${path}h0`
  for (let index = 2; index < encoded.length; index += 2) {
    const [dx, dy] = [encoded[index] ?? 0, encoded[index + 1] ?? 0]
    if (index > 2) path += `Q${x} ${y} ${x + dx / 2} ${y + dy / 2}`
    x += dx
    y += dy
  }
  return `${path}L${x} ${y}`
}

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
