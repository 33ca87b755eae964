/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Tally
 *
 * @typedef {object} VitestReport what vitest's json reporter writes, as far as it counts here
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests
 * @property {number} numTodoTests
 * @property {{ status: string, assertionResults: { status: string, ancestorTitles?: string[] }[] }[]} testResults
 */

/**
 * Counts a vitest run. A file that fails before or after its tests counts as one failure, and so does a run that
 * fails though every test passed (an unhandled error, say).
 *
 * @param {VitestReport | undefined} report undefined: vitest ended without writing one
 * @param {boolean} ok whether vitest itself was content
 * @returns {Tally}
 */
export function tallyVitest(report, ok) {
  if (!report) return { passed: 0, failed: 1, skipped: 0 }
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  ).length
  const failed = report.numFailedTests + brokenFiles
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && !ok ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  }
}

/**
 * What was skipped, so that nobody takes it for tested: each outermost `describe`, with its number of tests.
 *
 * @param {VitestReport | undefined} report
 * @returns {string[]}
 */
export function skippedSuites(report) {
  /** @type {Map<string, number>} */
  const counts = new Map()
  for (const { assertionResults } of report?.testResults ?? [])
    for (const { status, ancestorTitles } of assertionResults)
      if (!['passed', 'failed'].includes(status)) {
        const suite = ancestorTitles?.[0] ?? 'tests without a suite'
        counts.set(suite, (counts.get(suite) ?? 0) + 1)
      }
  return Array.from(counts, ([suite, count]) => `${suite} (${count})`)
}

/**
 * @param {Tally[]} tallies
 * @returns {Tally}
 */
export function sum(tallies) {
  return tallies.reduce(
    (total, tally) => ({
      passed: total.passed + tally.passed,
      failed: total.failed + tally.failed,
      skipped: total.skipped + tally.skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  )
}

/**
 * The end of the report. Its last line is always plain `N passed, N failed`; what was skipped stands on one before it.
 *
 * @param {Tally} tally
 * @param {string[]} untested the names of what was skipped
 * @returns {string[]} lines
 */
export function closingLines({ passed, failed, skipped }, untested) {
  const counted = `${passed} passed, ${failed} failed`
  return skipped > 0 ? [`${skipped} skipped: ${untested.join(', ')}`, counted] : [counted]
}
