import { describe, expect, it } from 'vitest'
import { createTokenGuard } from './token-guard.ts'

const auth = (token: unknown) => ({ type: 'auth', token })

describe('a token guard', () => {
  it('tells the own token from others, and none from an empty one', () => {
    const guard = createTokenGuard({ token: 'ada' })
    expect(['ada', 'bob', '', undefined].map(guard.admits, guard)).toEqual([true, false, false, false])
    const anonymous = createTokenGuard({ token: undefined })
    expect(['', undefined].map(anonymous.admits, anonymous)).toEqual([false, true])
  })

  it('takes the last fresh token among the frames in the place of the own', () => {
    const guard = createTokenGuard({ token: 'first' })
    guard.see([auth('second'), { type: 'ping' }, auth('third')])
    expect(['first', 'second', 'third'].map(guard.admits, guard)).toEqual([false, false, true])
  })

  it('takes as many of the newest as asked for', () => {
    const guard = createTokenGuard({ token: 'first', taken: 2 })
    guard.see([auth('second')])
    expect(['first', 'second'].map(guard.admits, guard)).toEqual([true, true])
    guard.see([auth('third')])
    expect(['first', 'second', 'third'].map(guard.admits, guard)).toEqual([false, true, true])
  })

  it.each([['no array'], [undefined], [[null, 'auth', auth(1), { type: 'ping', token: 'second' }]]])(
    'finds no token in %o',
    (frames) => {
      const guard = createTokenGuard({ token: 'first' })
      guard.see(frames)
      expect(guard.admits('first')).toBe(true)
    },
  )
})
