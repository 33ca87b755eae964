// Lines that tell a person what goes on, and what it took.
const bold = process.stdout.isTTY ? /** @param {string} text */ (text) => `\x1b[1m${text}\x1b[22m` : String

/** @param {string} text */
export function say(text) {
  process.stdout.write(`${text}\n`)
}

/** @param {string} text */
export function heading(text) {
  say(`\n${bold(`▸ ${text}`)}`)
}

/** @param {number} since from performance.now() */
export function seconds(since) {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`
}

/** @param {string} text an explanation of what went wrong and what to do */
export function complain(text) {
  process.stderr.write(`\n${text}\n`)
}
