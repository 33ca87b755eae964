import { createVirtualTime } from '@syncline/testing'
import { describe, expect, it } from 'vitest'
import { createScriptedTransport, welcomeFrame } from '../../test/scripted-transport.ts'
import type { Environment } from '../environment/environment.ts'
import type { SynclineError } from '../errors/syncline-error.ts'
import type { HubFrame, MessagesFrame } from '../protocol/frames.ts'
import { createHubConnection, type HubConnectionOptions } from './create-hub-connection.ts'

const messages = (...seqs: number[]): MessagesFrame => ({
  type: 'messages',
  channel: 'todos',
  epoch: 'e1',
  messages: seqs.map((seq) => [seq, `m${seq}`, 0, 'created', { seq }]),
})

const setUp = (options: Partial<HubConnectionOptions> = {}) => {
  const time = createVirtualTime()
  const scripted = createScriptedTransport()
  let hellos = 0
  const connection = createHubConnection({
    transport: scripted.transport,
    environment: time.environment,
    hello: () => ({ type: 'hello', version: 1, client: `c${++hellos}` }),
    ...options,
  })
  const errors: SynclineError[] = []
  const incoming: (readonly HubFrame[])[] = []
  connection.errors$.subscribe((error) => errors.push(error))
  connection.incoming$.subscribe((frames) => incoming.push(frames))
  connection.connect()
  const pings = () => scripted.last.sent.flat().filter((frame) => frame.type === 'ping').length
  const at = () => connection.status$.get().at
  return { time, scripted, connection, errors, incoming, pings, at }
}

describe('the opening', () => {
  it('says hello afresh on each attempt', async () => {
    const { scripted, time } = setUp()
    expect(scripted.last.opening).toEqual({
      token: undefined,
      frames: [{ type: 'hello', version: 1, client: 'c1' }],
    })
    scripted.last.fail()
    await time.advance(1_000)
    expect(scripted.last.opening.frames).toEqual([{ type: 'hello', version: 1, client: 'c2' }])
  })

  it('hands on what follows the welcome in the same delivery, after the session', () => {
    const { scripted, connection, incoming } = setUp()
    const order: string[] = []
    connection.session$.subscribe((session) => session && order.push('session'))
    connection.incoming$.subscribe(() => order.push('incoming'))
    scripted.last.welcome({}, messages(1))
    expect(order).toEqual(['session', 'incoming'])
    expect(incoming).toEqual([[messages(1)]])
  })

  it('passes the continuity on', () => {
    const { scripted, connection } = setUp()
    scripted.last.open('resumed')
    scripted.last.frames(welcomeFrame())
    expect(connection.session$.get()?.continuity).toBe('resumed')
  })

  it('sends nothing to a hub that knows the session under another subject', async () => {
    const { scripted, connection, time, errors, at } = setUp({ subject: () => 'ada' })
    connection.session$.subscribe((session) => session?.send({ type: 'join', channel: 'todos' }))
    scripted.last.welcome({ subject: 'eve' }, messages(1))
    await time.settle()
    expect(connection.status$.get()).toMatchObject({ at: 'needs-auth', error: { code: 'identity-mismatch' } })
    expect(scripted.last.sent).toEqual([])
    expect(scripted.last.hungUp).toBe(true)
    await time.advance(120_000)
    expect(scripted.attempts).toHaveLength(1)
    expect(errors.map(({ code }) => code)).toEqual(['identity-mismatch'])
    connection.retryNow()
    scripted.last.welcome({ subject: 'ada' })
    expect(at()).toBe('connected')
  })

  it('fails on another protocol version, whatever else that welcome holds', () => {
    const { scripted, connection, time } = setUp()
    scripted.last.open()
    scripted.last.frames({ type: 'welcome', version: 2 })
    expect(connection.status$.get()).toMatchObject({ at: 'failed', error: { code: 'protocol-version' } })
    expect(time.timers).toBe(0)
  })

  it('reports frames that come before the welcome and waits on', () => {
    const { scripted, errors, incoming, at } = setUp()
    scripted.last.open()
    scripted.last.frames(messages(1))
    expect(errors.map(({ code }) => code)).toEqual(['malformed-frame'])
    expect(incoming).toEqual([])
    scripted.last.frames(welcomeFrame())
    expect(at()).toBe('connected')
  })

  it('ends a session whose hub changes its mind about the subject', () => {
    const { scripted, connection, incoming } = setUp()
    scripted.last.welcome({ subject: 'ada' })
    const session = connection.session$.get()
    scripted.last.frames(welcomeFrame({ subject: 'ada' }))
    expect(connection.session$.get()).toBe(session)
    scripted.last.frames(messages(1), welcomeFrame({ subject: 'eve' }), messages(2))
    expect(incoming).toEqual([])
    expect(connection.status$.get()).toMatchObject({ at: 'needs-auth', error: { code: 'identity-mismatch' } })
  })
})

describe('the session', () => {
  it('sends the frames of one turn together, in order', async () => {
    const { scripted, connection, time } = setUp()
    scripted.last.welcome()
    const link = connection.session$.get()!
    link.send({ type: 'join', channel: 'a' })
    link.send({ type: 'join', channel: 'b' }, { type: 'leave', channel: 'a' })
    expect(scripted.last.sent).toEqual([])
    await time.settle()
    link.send({ type: 'leave', channel: 'b' })
    link.send()
    await time.settle()
    expect(scripted.last.sent.map((frames) => frames.map(({ type }) => type))).toEqual([
      ['join', 'join', 'leave'],
      ['leave'],
    ])
  })

  it('sends nothing once it is over, not even what was gathered', async () => {
    const { scripted, connection, time } = setUp()
    scripted.last.welcome()
    const link = connection.session$.get()!
    link.send({ type: 'join', channel: 'a' })
    scripted.last.fail()
    link.send({ type: 'join', channel: 'b' })
    await time.advance(1_000)
    scripted.last.welcome()
    link.send({ type: 'join', channel: 'c' })
    await time.settle()
    expect(scripted.attempts.map(({ sent }) => sent)).toEqual([[], []])
  })

  it('delivers one array for each delivery', () => {
    const { scripted, incoming } = setUp()
    scripted.last.welcome()
    scripted.last.frames(messages(1), messages(2, 3))
    scripted.last.frames(messages(4))
    expect(incoming).toEqual([[messages(1), messages(2, 3)], [messages(4)]])
  })

  it('reports malformed and unknown frames and errors of the hub, and goes on', () => {
    const { scripted, errors, incoming, at } = setUp()
    scripted.last.welcome()
    scripted.last.frames(
      messages(1),
      { type: 'messages', channel: 'todos' },
      { type: 'from-the-future' },
      null,
      { type: 'error', error: { code: 'unknown-channel', detail: 'No todoz.' }, channel: 'todoz' },
      messages(2),
    )
    expect(incoming).toEqual([[messages(1), messages(2)]])
    expect(errors.map(({ code }) => code)).toEqual([
      'malformed-frame',
      'malformed-frame',
      'malformed-frame',
      'unknown-channel',
    ])
    expect(errors[3]).toMatchObject({ channel: 'todoz', detail: 'No todoz.' })
    expect(at()).toBe('connected')
  })

  it('ends with a bye: delivers what came before, drops what comes after, obeys retryAfter', async () => {
    const { scripted, connection, incoming, time } = setUp()
    scripted.last.welcome()
    scripted.last.frames(
      messages(1),
      { type: 'bye', error: { code: 'hub-closing', retryAfter: 3_000 } },
      messages(2),
    )
    expect(incoming).toEqual([[messages(1)]])
    expect(connection.status$.get()).toMatchObject({ at: 'reconnecting', error: { code: 'hub-closing' } })
    expect(scripted.last.hungUp).toBe(true)
    await time.advance(2_999)
    expect(scripted.attempts).toHaveLength(1)
    await time.advance(3_001)
    expect(scripted.attempts).toHaveLength(2)
  })

  it('drops the rest of a delivery when a listener hangs up in it', () => {
    const { scripted, connection, incoming } = setUp()
    connection.session$.subscribe((session) => session && connection.disconnect())
    scripted.last.welcome({}, messages(1))
    expect(incoming).toEqual([])
  })

  it('delivers nothing of an attempt that is over', () => {
    const { scripted, incoming, errors } = setUp()
    scripted.last.welcome()
    scripted.last.frames(messages(1))
    scripted.last.fail()
    scripted.last.frames(messages(2), { type: 'from-the-future' })
    expect(incoming).toEqual([[messages(1)]])
    expect(errors.map(({ code }) => code)).toEqual(['transport-failed'])
  })
})

describe('the heartbeat', () => {
  it('gives up a link that is silent for two intervals, and reconnects', async () => {
    const { scripted, time, errors, at } = setUp()
    scripted.last.welcome({ heartbeat: 20_000 })
    await time.advance(39_999)
    expect(at()).toBe('connected')
    await time.advance(1)
    expect(at()).toBe('reconnecting')
    expect(errors.map(({ code }) => code)).toEqual(['heartbeat-timeout'])
    expect(scripted.last.hungUp).toBe(true)
    await time.advance(1_000)
    expect(scripted.attempts).toHaveLength(2)
  })

  it('counts the silence from the last delivery and takes its patience from the options', async () => {
    const { scripted, time, at } = setUp({ missedHeartbeats: 3 })
    scripted.last.welcome({ heartbeat: 10_000 })
    await time.advance(15_000)
    scripted.last.frames({ type: 'heads', heads: [] })
    await time.advance(29_999)
    expect(at()).toBe('connected')
    await time.advance(1)
    expect(at()).toBe('reconnecting')
  })

  it('pings when it has sent nothing for an interval, however much comes in', async () => {
    const { scripted, connection, time, pings } = setUp()
    scripted.last.welcome({ heartbeat: 10_000 })
    for (let second = 0; second < 35; second++) {
      scripted.last.frames(messages(second + 1))
      await time.advance(1_000)
    }
    expect(pings()).toBe(3)
    for (let second = 0; second < 50; second++) {
      connection.session$.get()!.send({ type: 'leave', channel: 'x' })
      scripted.last.frames({ type: 'pong' })
      await time.advance(1_000)
    }
    // One who sends all the time asks now and then whether it arrives.
    expect(pings()).toBe(4)
  })

  it('gives up a link that carries nothing up, though much comes down', async () => {
    const { scripted, time, at, errors, pings } = setUp()
    scripted.last.welcome({ heartbeat: 10_000 })
    const hear = async (seconds: number) => {
      for (let second = 0; second < seconds; second++) {
        scripted.last.frames({ type: 'heads', heads: [] })
        await time.advance(1_000)
      }
    }
    await hear(12)
    expect(pings()).toBe(1)
    scripted.last.frames({ type: 'pong' })
    await hear(45)
    expect(at()).toBe('connected')
    await hear(20)
    expect(at()).not.toBe('connected')
    expect(errors[0]).toMatchObject({ code: 'heartbeat-timeout' })
  })

  it('pings in time where timers come once a minute, in a page that nobody sees', async () => {
    const time = createVirtualTime()
    const { setTimer } = time.environment
    const environment: Environment = {
      ...time.environment,
      setTimer: (delay, callback) => setTimer(Math.max(delay, 60_000), callback),
    }
    const { scripted, pings } = setUp({ environment })
    scripted.last.welcome({ heartbeat: 10_000 })
    for (let beat = 1; beat <= 5; beat++) {
      await time.advance(10_000)
      scripted.last.frames({ type: 'heads', heads: [] })
      await time.settle()
      expect(pings()).toBe(beat)
    }
  })

  it('keeps pongs to itself', () => {
    const { scripted, incoming } = setUp()
    scripted.last.welcome()
    scripted.last.frames({ type: 'pong' })
    expect(incoming).toEqual([])
  })

  it.each(['visible', 'resumed', 'online'] as const)('checks the link within 5 s on %s', async (signal) => {
    const { scripted, time, at, pings, errors } = setUp()
    scripted.last.welcome()
    time.signal(signal)
    time.signal(signal)
    await time.settle()
    expect(pings()).toBe(1)
    await time.advance(4_999)
    scripted.last.frames({ type: 'pong' })
    await time.advance(5_000)
    expect(at()).toBe('connected')
    time.signal(signal)
    await time.advance(5_000)
    expect(at()).toBe('reconnecting')
    expect(errors.map(({ code }) => code)).toEqual(['heartbeat-timeout'])
  })

  it('goes on watching after a check', async () => {
    const { scripted, time, at } = setUp()
    scripted.last.welcome({ heartbeat: 10_000 })
    time.signal('visible')
    scripted.last.frames({ type: 'pong' })
    await time.advance(19_999)
    expect(at()).toBe('connected')
    await time.advance(1)
    expect(at()).toBe('reconnecting')
  })

  it('checks before it gives up when its timer came late: the page was frozen', async () => {
    const time = createVirtualTime()
    let slept = 0
    const environment = { ...time.environment, now: () => time.environment.now() + slept }
    const { scripted, at, pings } = setUp({ environment })
    scripted.last.welcome({ heartbeat: 10_000 })
    slept = 3_600_000
    await time.advance(10_000)
    expect(at()).toBe('connected')
    expect(pings()).toBe(1)
    scripted.last.frames({ type: 'pong' })
    await time.advance(15_000)
    expect(at()).toBe('connected')
    await time.advance(5_000)
    expect(at()).toBe('reconnecting')
  })

  it('leaves no timer behind', async () => {
    const { scripted, connection, time } = setUp()
    scripted.last.welcome()
    time.signal('visible')
    expect(time.timers).toBe(1)
    connection.close()
    expect(time.timers).toBe(0)
  })
})
