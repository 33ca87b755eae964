import { createVirtualTime } from '@syncline/testing'
import { describe, expect, it } from 'vitest'
import { SynclineError } from '../errors/syncline-error.ts'
import type { Token, TokenReason } from './token-provider.ts'
import { createTokenSource } from './token-source.ts'

const START = Date.UTC(2026, 0, 1)

/** An unsigned JWT with these claims, in seconds from the start; the name makes base64url differ from base64. */
const jwt = (exp: number, iat?: number) => {
  const claims = {
    sub: '>>>???~~~',
    exp: START / 1_000 + exp,
    ...(iat !== undefined && { iat: START / 1_000 + iat }),
  }
  return `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.signature`
}

type Answer = string | Token | Error | Promise<string | Token> | (() => Promise<string>)

const setUp = (...answers: Answer[]) => {
  const time = createVirtualTime({ start: START })
  const reasons: TokenReason[] = []
  const source = createTokenSource(
    ({ reason }) => {
      reasons.push(reason)
      const answer = answers[Math.min(reasons.length, answers.length) - 1]!
      if (answer instanceof Error) throw answer
      return typeof answer === 'function' ? answer() : answer
    },
    time.environment,
    10_000,
  )
  return { time, reasons, source }
}

describe('get', () => {
  it('asks once at a time, whoever wants it', async () => {
    const { source, reasons } = setUp(Promise.resolve('a'), 'b')
    const both = [source.get('connect'), source.get('connect'), source.get('refused')]
    expect(await Promise.all(both)).toEqual(['a', 'a', 'a'])
    expect(reasons).toEqual(['connect'])
  })

  it('keeps a token of unknown life until it is refused', async () => {
    const { source, reasons, time } = setUp('a', 'b')
    await source.get('connect')
    await time.advance(1e9)
    expect(await source.get('connect')).toBe('a')
    expect(await source.get('refused')).toBe('b')
    expect(reasons).toEqual(['connect', 'refused'])
  })

  it.each([
    ['expiresAt', { token: 'a', expiresAt: START + 100_000 }, 90_000],
    ['the exp of a JWT', jwt(1_000), 900_000],
    ['at least 10 s before', { token: 'a', expiresAt: START + 40_000 }, 30_000],
    ['halfway of a short life', { token: 'a', expiresAt: START + 12_000 }, 6_000],
  ])('renews before expiry: %s', async (_, token, at) => {
    const { source, reasons, time } = setUp(token, 'b')
    await source.get('connect')
    await time.advance(at - 1)
    await source.get('connect')
    expect(reasons).toEqual(['connect'])
    await time.advance(1)
    expect(await source.get('connect')).toBe('b')
    expect(reasons).toEqual(['connect', 'expiring'])
  })

  it('counts the life from iat when this clock is behind', async () => {
    // This clock is ten minutes behind: exp looks 25 minutes away, the life is 15.
    const { source, reasons, time } = setUp(jwt(1_500, 600), 'b')
    await source.get('connect')
    await time.advance(810_000)
    await source.get('connect')
    expect(reasons).toEqual(['connect', 'expiring'])
  })

  it('counts the life from iat when this clock is ahead', async () => {
    // This clock is three hours ahead, so exp is long past; the life is 15 minutes.
    const { source, reasons, time } = setUp(jwt(-9_900, -10_800), 'b')
    await source.get('connect')
    await time.advance(809_000)
    await source.get('connect')
    expect(reasons).toEqual(['connect'])
    await time.advance(1_000)
    await source.get('connect')
    expect(reasons).toEqual(['connect', 'expiring'])
  })

  it('does not loop on tokens that look expired to a clock that is ahead', async () => {
    const { source, reasons, time } = setUp(jwt(-300))
    const token = await source.get('connect')
    await time.advance(60_000)
    expect(await source.get('connect')).toBe(token)
    expect(reasons).toEqual(['connect'])
  })

  it.each(['not.a jwt.at all', 'a..b', 'x.bnVsbA.y', 'opaque'])('takes %s as opaque', async (token) => {
    const { source } = setUp(token)
    expect(await source.get('connect')).toBe(token)
  })

  it.each([
    ['throws', new Error('signed out')],
    ['rejects', () => Promise.reject(new Error('signed out'))],
    ['gives nothing', ''],
    ['gives no token', undefined as unknown as string],
  ])('fails with token-failed when the provider %s, and asks again next time', async (_, answer) => {
    const { source, reasons } = setUp(answer, 'b')
    await expect(source.get('connect')).rejects.toMatchObject({ code: 'token-failed' })
    expect(await source.get('connect')).toBe('b')
    expect(reasons).toEqual(['connect', 'connect'])
  })

  it('gives up a provider that hangs, cleans up, and asks anew', async () => {
    const { source, time, reasons } = setUp(new Promise<string>(() => {}), 'b')
    const failure = expect(source.get('connect')).rejects.toMatchObject({ code: 'token-failed' })
    await time.advance(10_000)
    await failure
    expect(await source.get('connect')).toBe('b')
    expect(reasons).toHaveLength(2)
    expect(time.timers).toBe(0)
  })

  it('passes a SynclineError of the provider on', async () => {
    const { source } = setUp(new SynclineError('try-later', { retryAfter: 500 }))
    await expect(source.get('connect')).rejects.toMatchObject({ code: 'try-later', retryAfter: 500 })
  })

  it('falls back to the old token while it holds', async () => {
    const { source, time } = setUp({ token: 'a', expiresAt: START + 100_000 }, new Error('down'))
    await source.get('connect')
    await time.advance(95_000)
    expect(await source.get('connect')).toBe('a')
    await time.advance(5_000)
    await expect(source.get('connect')).rejects.toMatchObject({ code: 'token-failed' })
  })
})

describe('keepFresh', () => {
  const watch = (set: ReturnType<typeof setUp>, token: string) => {
    const renewed: string[] = []
    const failed: string[] = []
    const stop = set.source.keepFresh(
      token,
      (fresh) => renewed.push(fresh),
      (error) => failed.push(error.code),
    )
    return { renewed, failed, stop }
  }

  it('renews in place again and again, until stopped', async () => {
    const set = setUp(jwt(100), jwt(190), jwt(280))
    const { renewed, stop } = watch(set, await set.source.get('connect'))
    await set.time.advance(89_999)
    expect(renewed).toEqual([])
    await set.time.advance(1)
    expect(renewed).toEqual([jwt(190)])
    await set.time.advance(90_000)
    expect(renewed).toEqual([jwt(190), jwt(280)])
    stop()
    expect(set.time.timers).toBe(0)
  })

  it('tells failures and asks again until the old token has run out', async () => {
    const set = setUp(jwt(100), new Error('down'))
    const { renewed, failed } = watch(set, await set.source.get('connect'))
    await set.time.advance(89_999)
    expect(failed).toEqual([])
    await set.time.advance(60_000)
    expect(failed).toEqual(['token-failed', 'token-failed'])
    expect(renewed).toEqual([])
    expect(set.time.timers).toBe(0)
  })

  it('shares one call with a reconnect that needs a token at the same time', async () => {
    const set = setUp(jwt(100), 'b')
    const { renewed } = watch(set, await set.source.get('connect'))
    await set.time.advance(89_999)
    const advanced = set.time.advance(1)
    await advanced
    expect(await set.source.get('connect')).toBe('b')
    expect(renewed).toEqual(['b'])
    expect(set.reasons).toEqual(['connect', 'expiring'])
  })

  it('says nothing once stopped, even if the provider answers later', async () => {
    let answer = (_token: string) => {}
    const set = setUp(
      jwt(100),
      new Promise<string>((resolve) => {
        answer = resolve
      }),
    )
    const { renewed, stop } = watch(set, await set.source.get('connect'))
    await set.time.advance(90_000)
    expect(set.reasons).toHaveLength(2)
    stop()
    answer('b')
    await set.time.settle()
    expect(renewed).toEqual([])
    // A session that was meanwhile opened with the old token gets the new one.
    expect(watch(set, jwt(100)).renewed).toEqual(['b'])
  })

  it('waits for a life of months without overflowing the timer', async () => {
    const day = 86_400_000
    const set = setUp({ token: 'a', expiresAt: START + 100 * day }, 'b')
    const delays: number[] = []
    const { setTimer } = set.time.environment
    const environment = {
      ...set.time.environment,
      setTimer: (delay: number, callback: () => void) => {
        delays.push(delay)
        return setTimer(delay, callback)
      },
    }
    const source = createTokenSource(
      ({ reason }) => (reason === 'connect' ? { token: 'a', expiresAt: START + 100 * day } : 'b'),
      environment,
      10_000,
    )
    const renewed: string[] = []
    source.keepFresh(
      await source.get('connect'),
      (token) => renewed.push(token),
      () => {},
    )
    await set.time.advance(90 * day - 1)
    expect(renewed).toEqual([])
    await set.time.advance(1)
    expect(renewed).toEqual(['b'])
    expect(Math.max(...delays)).toBeLessThan(2 ** 31)
  })
})
