import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { SynclineError } from './syncline-error.ts'

describe('an error', () => {
  it.each([
    ['no end', 'no end. Too many'],
    ['an end.', 'an end. Too many'],
    ['a question?', 'a question? Too many'],
  ])('says "%s" as a sentence before its remedy', (detail, text) => {
    const error = new SynclineError('rate-limited', { detail })
    expect(error.message).toContain(`rate-limited: ${text}`)
    expect(error.detail).toBe(detail)
  })

  it('shows only what is set', () => {
    const printed = inspect(new SynclineError('closed', { channel: undefined, cause: undefined }))
    expect(printed).not.toContain('undefined')
    expect(new SynclineError('try-later', { retryAfter: 0 }).retryAfter).toBe(0)
  })
})
