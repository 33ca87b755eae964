import { createVirtualTime } from '@syncline/testing'
import { describe, expect, it } from 'vitest'
import { createScriptedTransport } from '../../test/scripted-transport.ts'
import { type ErrorCode, SynclineError } from '../index.ts'
import { createHubConnection } from './create-hub-connection.ts'
import type { Token, TokenProvider, TokenReason } from './token-provider.ts'

const setUp = async (provider?: (call: number) => ReturnType<TokenProvider>) => {
  const time = createVirtualTime()
  const scripted = createScriptedTransport()
  const reasons: TokenReason[] = []
  const connection = createHubConnection({
    transport: scripted.transport,
    environment: time.environment,
    hello: () => ({ type: 'hello', version: 1, client: 'c1' }),
    ...(provider && {
      token: ({ reason }) => {
        reasons.push(reason)
        return provider(reasons.length)
      },
    }),
  })
  const errors: string[] = []
  connection.errors$.subscribe((error) => errors.push(error.code))
  connection.connect()
  await time.settle()
  const refuse = async (code: ErrorCode = 'unauthenticated') => {
    scripted.last.open()
    scripted.last.frames({ type: 'bye', error: { code } })
    await time.settle()
  }
  const at = () => connection.status$.get().at
  const tokens = () => scripted.attempts.map(({ opening }) => opening.token)
  return { time, scripted, connection, reasons, errors, refuse, at, tokens }
}

const expiring = (time: { environment: { now(): number } }, token: string): Token => ({
  token,
  expiresAt: time.environment.now() + 100_000,
})

describe('the token of a connection', () => {
  it('comes with the opening, and again with a reconnect without asking', async () => {
    const { scripted, reasons, time, tokens } = await setUp((call) => `t${call}`)
    scripted.last.fail()
    await time.advance(1_000)
    expect(tokens()).toEqual(['t1', 't1'])
    expect(reasons).toEqual(['connect'])
  })

  it('is renewed in place while connected', async () => {
    const clock = createVirtualTime()
    const { scripted, time, at, reasons } = await setUp((call) => expiring(clock, `t${call}`))
    scripted.last.welcome()
    await time.advance(25_000)
    scripted.last.frames({ type: 'pong' })
    for (let second = 0; second < 65; second++) {
      await time.advance(1_000)
      scripted.last.frames({ type: 'pong' })
    }
    expect(scripted.last.sent.flat().filter(({ type }) => type === 'auth')).toEqual([
      { type: 'auth', token: 't2' },
    ])
    expect(reasons).toEqual(['connect', 'expiring'])
    expect(at()).toBe('connected')
    expect(scripted.attempts).toHaveLength(1)
  })

  it('is renewed before a reconnect that needs it', async () => {
    const clock = createVirtualTime()
    const { scripted, connection, time, tokens, reasons } = await setUp((call) => expiring(clock, `t${call}`))
    scripted.last.welcome()
    time.signal('offline')
    await time.advance(95_000)
    time.signal('online')
    await time.settle()
    expect(tokens()).toEqual(['t1', 't2'])
    expect(reasons).toEqual(['connect', 'expiring'])
    connection.close()
    expect(time.timers).toBe(0)
  })

  it('is asked for once more when it is refused, at once and without a backoff', async () => {
    const { scripted, refuse, tokens, reasons, at } = await setUp((call) => `t${call}`)
    await refuse('token-expired')
    expect(tokens()).toEqual(['t1', 't2'])
    expect(reasons).toEqual(['connect', 'refused'])
    scripted.last.welcome()
    expect(at()).toBe('connected')
  })

  it('refused twice pauses in needs-auth until retryNow, burning no retries', async () => {
    const { scripted, connection, time, refuse, tokens, reasons, at, errors } = await setUp(
      (call) => `t${call}`,
    )
    await refuse()
    await refuse()
    expect(connection.status$.get()).toMatchObject({ at: 'needs-auth', error: { code: 'unauthenticated' } })
    expect(time.timers).toBe(0)
    for (const signal of ['visible', 'offline', 'online'] as const) time.signal(signal)
    await time.advance(600_000)
    expect(tokens()).toEqual(['t1', 't2'])
    connection.retryNow()
    await time.settle()
    expect(tokens()).toEqual(['t1', 't2', 't3'])
    expect(reasons).toEqual(['connect', 'refused', 'refused'])
    scripted.last.welcome()
    expect(at()).toBe('connected')
    expect(errors).toEqual(['unauthenticated', 'unauthenticated'])
  })

  it('is asked for once more again after a session that lasted', async () => {
    const { scripted, time, refuse, tokens } = await setUp((call) => `t${call}`)
    await refuse()
    scripted.last.welcome()
    await time.advance(10_000)
    await refuse('token-expired')
    expect(tokens()).toEqual(['t1', 't2', 't3'])
  })

  it('does not loop with a hub that welcomes and refuses at once', async () => {
    const { scripted, refuse, tokens, at } = await setUp((call) => `t${call}`)
    scripted.last.welcome()
    await refuse()
    scripted.last.welcome()
    await refuse()
    expect(at()).toBe('needs-auth')
    expect(tokens()).toEqual(['t1', 't2'])
  })

  it.each(['identity-mismatch', 'revoked', 'forbidden'] as const)(
    '%s pauses at once and asks anew on retryNow',
    async (code) => {
      const { connection, time, refuse, at, reasons } = await setUp((call) => `t${call}`)
      await refuse(code)
      expect(at()).toBe('needs-auth')
      connection.retryNow()
      await time.settle()
      expect(reasons).toEqual(['connect', 'refused'])
    },
  )

  it('without a provider a refusal pauses at once', async () => {
    const { refuse, at, scripted } = await setUp()
    await refuse()
    expect(at()).toBe('needs-auth')
    expect(scripted.attempts).toHaveLength(1)
  })

  it.each(['too-many-connections', 'slow-consumer', 'from-the-future' as ErrorCode] as const)(
    '%s is tried again after a wait',
    async (code) => {
      const { connection, refuse } = await setUp((call) => `t${call}`)
      await refuse(code)
      expect(connection.status$.get()).toMatchObject({ at: 'reconnecting', attempt: 1, error: { code } })
    },
  )

  it('a provider that throws is asked again after a wait: its server may be down', async () => {
    const { connection, time, reasons, scripted, errors } = await setUp((call) => {
      if (call < 3) throw new TypeError('fetch failed')
      return 'fresh'
    })
    expect(connection.status$.get()).toMatchObject({
      at: 'reconnecting',
      attempt: 1,
      error: { code: 'token-failed' },
    })
    time.signal('visible')
    await time.settle()
    expect(connection.status$.get()).toMatchObject({ at: 'reconnecting', attempt: 2 })
    expect(scripted.attempts).toHaveLength(0)
    await time.advance(2_000)
    expect(scripted.last.opening.token).toBe('fresh')
    expect(reasons).toEqual(['connect', 'connect', 'connect'])
    expect(errors).toEqual(['token-failed', 'token-failed'])
  })

  it.each(['unauthenticated', 'forbidden'] as const)(
    'a provider that throws %s pauses in needs-auth until retryNow',
    async (code) => {
      const { connection, time, reasons, scripted } = await setUp((call) => {
        if (call === 1) throw new SynclineError(code)
        return 'fresh'
      })
      expect(connection.status$.get()).toMatchObject({ at: 'needs-auth', error: { code } })
      time.signal('visible')
      await time.advance(600_000)
      expect(reasons).toEqual(['connect'])
      expect(time.timers).toBe(0)
      connection.retryNow()
      await time.settle()
      expect(scripted.last.opening.token).toBe('fresh')
    },
  )

  it('a provider that says try-later is asked again after a wait', async () => {
    const { connection, scripted, time } = await setUp((call) => {
      if (call === 1) throw new SynclineError('try-later', { retryAfter: 2_000 })
      return 'fresh'
    })
    expect(connection.status$.get()).toMatchObject({ at: 'reconnecting', error: { code: 'try-later' } })
    await time.advance(4_000)
    expect(scripted.last.opening.token).toBe('fresh')
  })

  it('a provider that hangs fails the attempt, and is given up: the next attempt asks again', async () => {
    let answer = (_token: string) => {}
    const { scripted, time, reasons, errors, tokens } = await setUp((call) =>
      call === 1
        ? new Promise((resolve) => {
            answer = resolve
          })
        : `t${call}`,
    )
    await time.advance(9_999)
    expect(errors).toEqual([])
    await time.advance(1_001)
    expect(errors).toEqual(['token-failed'])
    expect(reasons).toEqual(['connect', 'connect'])
    answer('late')
    scripted.last.fail()
    await time.advance(2_000)
    expect(tokens()).toEqual(['t2', 't2'])
    expect(time.timers).toBe(1)
  })

  it('a token that comes after the hang-up is not used', async () => {
    let answer = (_token: string) => {}
    const { connection, scripted, time } = await setUp(
      () =>
        new Promise((resolve) => {
          answer = resolve
        }),
    )
    connection.close()
    answer('late')
    await time.settle()
    expect(scripted.counts.opened).toBe(0)
    expect(time.timers).toBe(0)
  })
})
