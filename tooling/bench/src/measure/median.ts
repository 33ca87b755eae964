/** The median of some numbers: the middle one, or the mean of the two in the middle. */
export const median = (numbers: readonly number[]): number => {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle]
  if (upper === undefined) throw new Error('No run, no median.')
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2
}

/** The `share` quantile (0.99 for p99) by the nearest rank. */
export const quantile = (numbers: ArrayLike<number>, share: number): number => {
  const sorted = Float64Array.from(numbers).sort()
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}
