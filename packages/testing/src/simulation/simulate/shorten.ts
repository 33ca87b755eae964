/**
 * Leaves steps out as long as what remains still fails (Zeller and Hildebrandt, "Simplifying and Isolating
 * Failure-Inducing Input", 2002).
 *
 * @param steps those of a history that fails
 * @param tries histories that are run at most
 * @param fails whether a history with these steps alone fails
 */
export const shorten = async (
  steps: readonly number[],
  tries: number,
  fails: (steps: readonly number[]) => Promise<boolean>,
): Promise<void> => {
  let best = steps
  let left = tries
  let parts = 2
  while (best.length > 0 && left > 0) {
    const size = Math.ceil(best.length / parts)
    let found = false
    for (let start = 0; start < best.length && !found && left > 0; start += size) {
      const fewer = [...best.slice(0, start), ...best.slice(start + size)]
      left--
      found = await fails(fewer)
      if (found) best = fewer
    }
    if (found) parts = Math.max(2, parts - 1)
    else if (size === 1) return
    else parts = Math.min(best.length, parts * 2)
  }
}
