import { describe, expect, test } from 'vitest'
import { closingLines, skippedSuites, sum, tallyVitest } from './tally.mjs'

const report = (counts: { passed?: number; failed?: number }, testResults: string[][] = []) => ({
  numPassedTests: counts.passed ?? 0,
  numFailedTests: counts.failed ?? 0,
  numPendingTests: 1,
  numTodoTests: 1,
  testResults: testResults.map((tests) => ({
    status: 'failed',
    assertionResults: tests.map((status) => ({ status })),
  })),
})

describe('tallyVitest', () => {
  test('counts what vitest counted', () => {
    expect(tallyVitest(report({ passed: 3, failed: 1 }, [['failed']]), false)).toEqual({
      passed: 3,
      failed: 1,
      skipped: 2,
    })
  })

  test('counts a file that broke outside its tests', () => {
    expect(tallyVitest(report({ passed: 3 }, [[], ['passed']]), false)).toMatchObject({ failed: 2 })
  })

  test('counts a run that failed though every test passed', () => {
    expect(tallyVitest(report({ passed: 3 }), false)).toMatchObject({ passed: 3, failed: 1 })
  })

  test('counts a run that left no report', () => {
    expect(tallyVitest(undefined, false)).toEqual({ passed: 0, failed: 1, skipped: 0 })
  })
})

test('what was skipped is named by its outermost suite', () => {
  const result = (status: string, ...ancestorTitles: string[]) => ({ status, ancestorTitles })
  const files = [
    [result('skipped', 'Ably itself'), result('skipped', 'Ably itself', 'tokens'), result('passed', 'a')],
    [result('todo')],
  ]
  const testResults = files.map((assertionResults) => ({ status: 'passed', assertionResults }))
  expect(skippedSuites({ ...report({}), testResults })).toEqual([
    'Ably itself (2)',
    'tests without a suite (1)',
  ])
  expect(skippedSuites(undefined)).toEqual([])
})

test('the last line counts passed and failed alone, and what was skipped stands before it', () => {
  const tallies = [
    { passed: 1, failed: 0, skipped: 0 },
    { passed: 2, failed: 1, skipped: 0 },
  ]
  expect(closingLines(sum(tallies), [])).toEqual(['3 passed, 1 failed'])
  expect(closingLines({ passed: 1, failed: 0, skipped: 5 }, ['Ably itself (4)', 'bundle sizes'])).toEqual([
    '5 skipped: Ably itself (4), bundle sizes',
    '1 passed, 0 failed',
  ])
})
