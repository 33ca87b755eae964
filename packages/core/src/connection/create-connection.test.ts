import { createVirtualTime } from '@syncline/testing'
import { describe, expect, it } from 'vitest'
import { createScriptedTransport } from '../../test/scripted-transport.ts'
import { SynclineError } from '../errors/syncline-error.ts'
import type { BackoffOptions } from '../operators/backoff-delay.ts'
import { createHubConnection, type HubConnectionOptions } from './create-hub-connection.ts'

const setUp = (options: Partial<HubConnectionOptions> = {}, seed = 1) => {
  const time = createVirtualTime({ seed })
  const scripted = createScriptedTransport()
  const connection = createHubConnection({
    transport: scripted.transport,
    environment: time.environment,
    hello: () => ({ type: 'hello', version: 1, client: 'c1' }),
    ...options,
  })
  const errors: string[] = []
  connection.errors$.subscribe((error) => errors.push(error.code))
  const at = () => connection.status$.get().at
  /** Milliseconds until the next try. */
  const wait = () => {
    const status = connection.status$.get()
    if (status.at !== 'reconnecting' || status.retryAt === undefined)
      throw new Error(`not waiting: ${status.at}`)
    return status.retryAt - time.environment.now()
  }
  return { time, scripted, connection, errors, at, wait }
}

describe('dialling', () => {
  it('is inert until asked to connect', async () => {
    const { scripted, time, at } = setUp()
    await time.advance(60_000)
    expect(at()).toBe('idle')
    expect(scripted.counts.opened).toBe(0)
    expect(time.timers).toBe(0)
  })

  it('is connected once the hub has welcomed, and dials once however often it is asked', async () => {
    const { scripted, connection, at } = setUp()
    connection.connect()
    connection.connect()
    connection.retryNow()
    expect(at()).toBe('connecting')
    scripted.last.open()
    expect(at()).toBe('connecting')
    expect(connection.session$.get()).toBeUndefined()
    scripted.last.welcome()
    expect(at()).toBe('connected')
    expect(connection.session$.get()?.welcome.subject).toBe('ada')
    expect(scripted.attempts).toHaveLength(1)
  })

  it('gives an attempt up after 10 s and hangs it up', async () => {
    const { scripted, connection, time, at, errors } = setUp()
    connection.connect()
    scripted.last.open()
    await time.advance(9_999)
    expect(at()).toBe('connecting')
    await time.advance(1)
    expect(at()).toBe('reconnecting')
    expect(scripted.last.hungUp).toBe(true)
    expect(errors).toEqual(['transport-failed'])
  })

  it('takes the time limit of an attempt from the options', async () => {
    const { connection, time, at } = setUp({ attemptTimeout: 500 })
    connection.connect()
    await time.advance(500)
    expect(at()).toBe('reconnecting')
  })

  it('takes a transport that throws or completes as a failed attempt', async () => {
    const broken = setUp({
      transport: {
        kind: 'hub',
        name: 'broken',
        open: () => {
          throw new TypeError('bad address')
        },
      },
    })
    broken.connection.connect()
    expect(broken.connection.status$.get()).toMatchObject({
      at: 'reconnecting',
      error: { code: 'transport-failed' },
    })
    const { scripted, connection, at } = setUp()
    connection.connect()
    scripted.last.complete()
    expect(at()).toBe('reconnecting')
  })

  it('opens the transport once and disposes it at the close', async () => {
    const { scripted, connection, time } = setUp()
    connection.connect()
    scripted.last.fail()
    await time.advance(1_000)
    expect(scripted.attempts).toHaveLength(2)
    connection.disconnect()
    connection.connect()
    expect(scripted.counts).toEqual({ opened: 1, disposed: 0, live: 1 })
    connection.close()
    expect(scripted.counts).toEqual({ opened: 1, disposed: 1, live: 0 })
  })
})

describe('backing off', () => {
  const delays = async (backoff: BackoffOptions, failures: number, seed: number) => {
    const { scripted, connection, time, wait } = setUp({ backoff }, seed)
    connection.connect()
    const waits: number[] = []
    for (let failure = 0; failure < failures; failure++) {
      scripted.last.fail()
      waits.push(wait())
      await time.advance(wait())
    }
    return waits
  }

  it('waits between 0 and 1, 2, 4, 8, 16, 30, 30 s, spread over the whole range', async () => {
    const bounds = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]
    const runs = await Promise.all(
      Array.from({ length: 60 }, (_, seed) => delays({}, bounds.length, seed + 1)),
    )
    for (const [index, bound] of bounds.entries()) {
      const waits = runs.map((run) => run[index]!)
      expect(Math.min(...waits)).toBeGreaterThanOrEqual(0)
      expect(Math.max(...waits)).toBeLessThan(bound)
      expect(Math.min(...waits)).toBeLessThan(bound * 0.2)
      expect(Math.max(...waits)).toBeGreaterThan(bound * 0.8)
    }
  })

  it('tells the attempt and gives up at the limit; retryNow starts over', async () => {
    const { scripted, connection, time, at, wait } = setUp({ backoff: { limit: 2 } })
    connection.connect()
    scripted.last.fail()
    expect(connection.status$.get()).toMatchObject({ attempt: 1 })
    await time.advance(wait())
    expect(connection.status$.get()).toMatchObject({ at: 'reconnecting', attempt: 1, retryAt: undefined })
    scripted.last.fail()
    expect(connection.status$.get()).toMatchObject({ attempt: 2 })
    await time.advance(wait())
    scripted.last.fail()
    expect(at()).toBe('failed')
    expect(time.timers).toBe(0)
    connection.retryNow()
    expect(at()).toBe('connecting')
    scripted.last.fail()
    expect(connection.status$.get()).toMatchObject({ at: 'reconnecting', attempt: 1 })
  })

  it('counts on when sessions die at once, and from the start after one that lasted', async () => {
    const { scripted, connection, time, wait } = setUp()
    connection.connect()
    for (let attempt = 1; attempt <= 3; attempt++) {
      scripted.last.welcome()
      await time.advance(9_000)
      scripted.last.fail()
      expect(connection.status$.get()).toMatchObject({ attempt })
      await time.advance(wait())
    }
    scripted.last.welcome()
    await time.advance(10_000)
    scripted.last.fail()
    expect(connection.status$.get()).toMatchObject({ attempt: 1 })
  })

  it('counts failures after a short session on, however long they take', async () => {
    const { scripted, connection, time, wait } = setUp()
    connection.connect()
    scripted.last.welcome()
    for (let attempt = 1; attempt <= 6; attempt++) {
      scripted.last.fail()
      expect(connection.status$.get()).toMatchObject({ attempt })
      await time.advance(wait())
      await time.advance(5_000)
    }
  })

  it('takes retryAfter as a minimum and spreads what comes together', async () => {
    const waits = Array.from({ length: 200 }, (_, seed) => {
      const { scripted, connection, wait } = setUp({}, seed + 1)
      connection.connect()
      scripted.last.fail(new SynclineError('hub-closing', { retryAfter: 5_000 }))
      return wait()
    })
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(5_000)
    expect(Math.max(...waits)).toBeLessThan(10_000)
    const windows = new Map<number, number>()
    for (const wait of waits)
      windows.set(Math.floor(wait / 100), (windows.get(Math.floor(wait / 100)) ?? 0) + 1)
    expect(Math.max(...windows.values())).toBeLessThan(20)
  })

  it('tries at once when asked to, whatever the wait', async () => {
    const { scripted, connection, time } = setUp()
    connection.connect()
    scripted.last.fail(new SynclineError('hub-closing', { retryAfter: 5_000 }))
    connection.retryNow()
    expect(scripted.attempts).toHaveLength(2)
    expect(connection.status$.get()).toMatchObject({ at: 'reconnecting', retryAt: undefined })
    scripted.last.welcome()
    await time.advance(20_000)
    expect(scripted.attempts).toHaveLength(2)
  })
})

describe('network and page life', () => {
  it('waits for the network when there is none at the start', async () => {
    const { scripted, connection, time, at } = setUp()
    time.signal('offline')
    connection.connect()
    await time.advance(60_000)
    expect(at()).toBe('offline')
    expect(scripted.attempts).toHaveLength(0)
    time.signal('online')
    expect(at()).toBe('connecting')
    expect(scripted.attempts).toHaveLength(1)
  })

  it('dials nevertheless when the person asks, and is offline again when that fails', async () => {
    const { scripted, connection, time, at } = setUp()
    time.signal('offline')
    connection.connect()
    connection.retryNow()
    expect(scripted.attempts).toHaveLength(1)
    scripted.last.fail()
    expect(at()).toBe('offline')
    expect(time.timers).toBe(0)
  })

  it.each(['connecting', 'connected', 'waiting'])(
    'stops dialling when the network goes while %s',
    async (phase) => {
      const { scripted, connection, time, at } = setUp()
      connection.connect()
      if (phase === 'connected') scripted.last.welcome()
      if (phase === 'waiting') scripted.last.fail()
      time.signal('offline')
      expect(at()).toBe('offline')
      expect(connection.session$.get()).toBeUndefined()
      expect(scripted.counts.live).toBe(0)
      expect(time.timers).toBe(0)
      time.signal('online')
      expect(scripted.counts.live).toBe(1)
    },
  )

  it.each(['visible', 'resumed', 'online'] as const)('tries at once on %s', async (signal) => {
    const { scripted, connection, time } = setUp()
    connection.connect()
    scripted.last.fail()
    time.signal(signal)
    expect(scripted.attempts).toHaveLength(2)
  })

  it('stays patient on a signal when the hub asked for it', async () => {
    const { scripted, connection, time } = setUp()
    connection.connect()
    scripted.last.fail(new SynclineError('hub-closing', { retryAfter: 5_000 }))
    time.signal('visible')
    expect(scripted.attempts).toHaveLength(1)
    await time.advance(10_000)
    expect(scripted.attempts).toHaveLength(2)
  })

  it('does not stay offline because the hub had asked for patience', () => {
    const { scripted, connection, time, at } = setUp()
    connection.connect()
    scripted.last.fail(new SynclineError('hub-closing', { retryAfter: 5_000 }))
    time.signal('offline')
    time.signal('online')
    expect(at()).toBe('connecting')
  })

  it('notices after a page came back that the network has gone meanwhile', () => {
    const time = createVirtualTime()
    let online = true
    const { scripted, connection, at } = setUp({
      environment: { ...time.environment, isOnline: () => online },
    })
    connection.connect()
    scripted.last.welcome()
    online = false
    time.signal('visible')
    expect(at()).toBe('offline')
  })

  it('notices after a page came back that the network had returned meanwhile', async () => {
    const { scripted, connection, time } = setUp()
    let online = false
    const environment = { ...time.environment, isOnline: () => online }
    const frozen = createHubConnection({
      transport: scripted.transport,
      environment,
      hello: () => ({ type: 'hello', version: 1, client: 'c1' }),
    })
    connection.close()
    frozen.connect()
    expect(frozen.status$.get().at).toBe('offline')
    online = true
    time.signal('resumed')
    expect(frozen.status$.get().at).toBe('connecting')
  })

  it('does nothing on hidden', async () => {
    const { scripted, connection, time } = setUp()
    connection.connect()
    scripted.last.fail()
    time.signal('hidden')
    expect(scripted.attempts).toHaveLength(1)
  })
})

describe('ending', () => {
  it('leaves nothing behind, from every phase', async () => {
    const phases: readonly ((set: ReturnType<typeof setUp>) => void)[] = [
      () => {},
      ({ scripted }) => scripted.last.open(),
      ({ scripted }) => scripted.last.welcome(),
      ({ scripted }) => scripted.last.fail(),
      ({ time }) => time.signal('offline'),
    ]
    for (const reach of phases)
      for (const end of ['disconnect', 'close'] as const) {
        const set = setUp()
        set.connection.connect()
        reach(set)
        if (end === 'close') set.connection.close()
        else set.connection.disconnect()
        await set.time.settle()
        expect(set.time.timers).toBe(0)
        expect(set.scripted.counts.live).toBe(0)
        expect((set.time.environment.signals$ as unknown as { observed: boolean }).observed).toBe(false)
        expect(set.at()).toBe(end === 'close' ? 'closed' : 'idle')
        expect(set.connection.session$.get()).toBeUndefined()
      }
  })

  it('completes what it emits and stays closed', async () => {
    const { scripted, connection, at } = setUp()
    const completed: string[] = []
    connection.status$.subscribe({ complete: () => completed.push('status$') })
    connection.session$.subscribe({ complete: () => completed.push('session$') })
    connection.incoming$.subscribe({ complete: () => completed.push('incoming$') })
    connection.errors$.subscribe({ complete: () => completed.push('errors$') })
    connection.close()
    connection.connect()
    connection.retryNow()
    expect(at()).toBe('closed')
    expect(completed.sort()).toEqual(['errors$', 'incoming$', 'session$', 'status$'])
    expect(scripted.counts.opened).toBe(0)
  })

  it('obeys a listener that hangs up as soon as the session opens', async () => {
    const { scripted, connection, time, at } = setUp()
    const seen: string[] = []
    connection.session$.subscribe((session) => session && connection.disconnect())
    connection.status$.subscribe((status) => seen.push(status.at))
    connection.connect()
    scripted.last.welcome()
    expect(at()).toBe('idle')
    expect(seen).toEqual(['idle', 'connecting', 'idle'])
    expect(connection.session$.get()).toBeUndefined()
    expect(time.timers).toBe(0)
  })

  it('shows all listeners the same order when one of them hangs up', () => {
    const { scripted, connection } = setUp()
    const seen: boolean[] = []
    connection.session$.subscribe((session) => session && connection.disconnect())
    connection.session$.subscribe((session) => seen.push(session !== undefined))
    connection.connect()
    scripted.last.welcome()
    expect(seen).toEqual([false, true, false])
  })

  it('does not hold the failure of an attempt against the next one', () => {
    const { scripted, connection, at } = setUp()
    connection.errors$.subscribe(() => {
      connection.disconnect()
      connection.connect()
    })
    connection.connect()
    scripted.last.fail()
    expect(at()).toBe('connecting')
    expect(scripted.attempts).toHaveLength(2)
    expect(scripted.counts.live).toBe(1)
  })

  it('obeys a listener that closes on an error', async () => {
    const { scripted, connection, time, at } = setUp()
    connection.errors$.subscribe(() => connection.close())
    connection.connect()
    scripted.last.fail()
    expect(at()).toBe('closed')
    expect(time.timers).toBe(0)
  })
})
