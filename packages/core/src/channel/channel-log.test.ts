import { describe, expect, it } from 'vitest'
import { SynclineError } from '../errors/syncline-error.ts'
import type { JoinedFrame, WireMessage } from '../protocol/frames.ts'
import { createLogUnderTest } from './testing/hub-model.ts'

describe('joining', () => {
  it('is inert until used, joins once, lingers and leaves', async () => {
    const { hub, time, listen, phase } = createLogUnderTest()
    hub.connect()
    expect(hub.frames$.observed).toBe(false)
    const first = listen()
    const second = listen()
    expect(hub.of('join')).toEqual([{ type: 'join', channel: 'todos' }])
    expect(phase()).toBe('live')
    first()
    second()
    await time.advance(4_999)
    const third = listen()
    await time.advance(60_000)
    expect(hub.of('leave')).toHaveLength(0)
    third()
    await time.advance(5_000)
    expect(hub.of('leave')).toHaveLength(1)
    expect(phase()).toBe('idle')
    expect(hub.frames$.observed).toBe(false)
    expect(time.timers).toBe(0)
  })

  it('starts at the head, and goes on from its position after a cut, page by page', () => {
    const { hub, listen, batches, phase, phases, occurrences } = createLogUnderTest()
    hub.append(4)
    listen()
    expect(phase()).toBe('offline')
    hub.connect()
    hub.publish()
    hub.cut()
    expect(phase()).toBe('offline')
    for (let n = 0; n < 8; n++) hub.append()
    hub.connect()
    expect(hub.of('join')[1]?.at).toMatchObject({ seq: 5, id: 'm5' })
    expect(batches()).toEqual([[5], [6, 7, 8], [9, 10, 11], [12, 13]])
    expect(hub.of('fetch').map(({ after }) => after.seq)).toEqual([8, 11])
    expect(phases).toEqual(['idle', 'offline', 'catching-up', 'live', 'offline', 'catching-up', 'live'])
    expect(occurrences.every(({ type }) => type === 'batch')).toBe(true)
  })

  it('asks for one page at a time', () => {
    const { hub, listen } = createLogUnderTest()
    listen()
    hub.connect()
    hub.cut()
    hub.append(9)
    hub.instant = false
    hub.connect()
    hub.frames$.next(hub.queue.shift()!)
    expect(hub.of('fetch')).toHaveLength(1)
    hub.publish()
    hub.heads()
    for (const frame of hub.queue.splice(1)) hub.frames$.next(frame)
    expect(hub.of('fetch')).toHaveLength(1)
  })

  it('joins again when no answer comes', async () => {
    const { hub, time, listen, phase } = createLogUnderTest()
    hub.deaf.add('join')
    listen()
    hub.connect()
    expect(phase()).toBe('catching-up')
    await time.advance(9_999)
    expect(hub.of('join')).toHaveLength(1)
    hub.deaf.clear()
    await time.advance(1)
    expect(hub.of('join')).toHaveLength(2)
    expect(phase()).toBe('live')
  })

  it('hands on what came before the answer to the join', () => {
    const { hub, listen, batches } = createLogUnderTest()
    hub.instant = false
    listen()
    hub.connect()
    hub.publish(2)
    hub.queue.reverse()
    hub.drain()
    expect(batches()).toEqual([[1, 2]])
  })

  it('is nowhere beyond the head that it tells, also where the answer to a join has more than its head', () => {
    const { log, hub, listen } = createLogUnderTest()
    hub.append()
    listen()
    const told: string[] = []
    log.state$.subscribe(({ phase, position, head }) =>
      told.push(`${phase} ${position?.seq} of ${head?.seq}`),
    )
    hub.connect()
    hub.cut()
    hub.append()
    hub.append()
    hub.instant = false
    hub.connect()
    const joined = hub.queue.shift() as JoinedFrame
    told.length = 0
    hub.frames$.next({ ...joined, head: joined.start })
    expect(told).toEqual(['catching-up 1 of 1', 'live 3 of 3'])
  })

  it('says that it was refused, and asks again when the hub says when', async () => {
    const { hub, time, log, listen, phase, errors } = createLogUnderTest()
    listen()
    hub.connect()
    hub.put({ type: 'refused', channel: 'todos', error: { code: 'revoked' } })
    expect(phase()).toBe('refused')
    expect(log.state$.get().error?.code).toBe('revoked')
    await time.advance(600_000)
    expect(hub.of('join')).toHaveLength(1)
    hub.cut()
    hub.connect()
    expect(phase()).toBe('live')
    expect(log.state$.get().error).toBeUndefined()
    hub.put({ type: 'refused', channel: 'todos', error: { code: 'store-unavailable', retryAfter: 2_000 } })
    await time.advance(1_999)
    expect(phase()).toBe('refused')
    await time.advance(2_001)
    expect(phase()).toBe('live')
    expect(errors).toEqual(['revoked', 'store-unavailable'])
  })

  it('asks again when somebody uses a channel that was refused, as its cause may be gone', async () => {
    const { hub, time, log, listen, phase } = createLogUnderTest()
    listen()
    hub.connect()
    hub.put({ type: 'refused', channel: 'todos', error: { code: 'too-many-channels' } })
    await time.advance(60_000)
    expect(phase()).toBe('refused')
    listen()
    expect(phase()).toBe('live')
    expect(log.state$.get().error).toBeUndefined()
    hub.put({ type: 'refused', channel: 'todos', error: { code: 'revoked' } })
    expect(phase()).toBe('refused')
    log.refresh()
    expect(phase()).toBe('live')
  })

  it('asks not before the hub wants it, however many use the channel', async () => {
    const { hub, listen, phase } = createLogUnderTest()
    listen()
    hub.connect()
    hub.put({ type: 'refused', channel: 'todos', error: { code: 'rate-limited', retryAfter: 2_000 } })
    listen()
    expect(phase()).toBe('refused')
    expect(hub.of('join')).toHaveLength(1)
  })

  it('waits as long as an error answer asks', async () => {
    const { hub, time, listen, phase } = createLogUnderTest()
    hub.deaf.add('join')
    listen()
    hub.connect()
    hub.put({ type: 'error', channel: 'todos', error: { code: 'rate-limited', retryAfter: 20_000 } })
    hub.deaf.clear()
    await time.advance(19_999)
    expect(hub.of('join')).toHaveLength(1)
    await time.advance(20_001)
    expect(phase()).toBe('live')
  })
})

describe('order', () => {
  it('drops duplicates and holds early messages until the missing ones were fetched', () => {
    const { hub, listen, batches, phase, phases } = createLogUnderTest()
    listen()
    hub.connect()
    const [one] = hub.append()
    const [two] = hub.append()
    const [three] = hub.append()
    const frame = (...messages: (typeof one)[]) =>
      hub.put({ type: 'messages', channel: 'todos', epoch: 'e1', messages: messages.map((m) => m!) })
    frame(one)
    frame(one)
    hub.deaf.add('fetch')
    frame(three)
    expect(phase()).toBe('gap')
    expect(hub.of('fetch')).toHaveLength(1)
    frame(one, two)
    expect(batches()).toEqual([[1], [2, 3]])
    expect(phase()).toBe('live')
    expect(phases).toEqual(['idle', 'offline', 'catching-up', 'live', 'gap', 'live'])
  })

  it('notices a lost last message by the head, after a moment of grace', async () => {
    const { hub, time, listen, batches, phase } = createLogUnderTest()
    listen()
    hub.connect()
    hub.append(2)
    hub.heads()
    expect(phase()).toBe('live')
    await time.advance(999)
    expect(hub.of('fetch')).toHaveLength(0)
    await time.advance(1)
    expect(batches()).toEqual([[1, 2]])
    expect(phase()).toBe('live')
  })

  it('fetches a payload that was left out', async () => {
    const { hub, time, listen, batches } = createLogUnderTest()
    listen()
    hub.connect()
    hub.append()
    hub.put({ type: 'messages', channel: 'todos', epoch: 'e1', messages: [], head: hub.head })
    await time.advance(1_000)
    expect(batches()).toEqual([[1]])
  })

  it('keeps the messages of one write together, over frames and pages', () => {
    const { hub, listen, batches } = createLogUnderTest()
    listen()
    hub.connect()
    const messages = hub.append(3, 'w1')
    for (const message of messages)
      hub.put({ type: 'messages', channel: 'todos', epoch: 'e1', messages: [message] })
    hub.cut()
    hub.append(2)
    hub.append(5, 'w2')
    hub.connect()
    expect(batches()).toEqual([
      [1, 2, 3],
      [4, 5],
      [6, 7, 8, 9, 10],
    ])
  })

  it('goes on from before an unfinished write when the link breaks in it', () => {
    const { hub, listen, batches } = createLogUnderTest()
    listen()
    hub.connect()
    const [first] = hub.append(2, 'w1')
    hub.put({ type: 'messages', channel: 'todos', epoch: 'e1', messages: [first!] })
    hub.cut()
    hub.connect()
    expect(hub.of('join')[1]?.at).toMatchObject({ seq: 0 })
    expect(batches()).toEqual([[1, 2]])
  })

  it('bounds what it holds and fetches the rest', () => {
    const { hub, listen, batches } = createLogUnderTest({ bufferMessages: 2 })
    listen()
    hub.connect()
    hub.append()
    const rest = hub.append(1).concat(hub.append(1), hub.append(1), hub.append(1))
    hub.deaf.add('fetch')
    hub.put({ type: 'messages', channel: 'todos', epoch: 'e1', messages: rest })
    const [{ after } = { after: hub.head }] = hub.of('fetch')
    hub.deaf.clear()
    hub.put({
      type: 'page',
      channel: 'todos',
      after,
      messages: hub.log.slice(0, 1),
      head: hub.head,
      more: true,
    })
    expect(batches().flat()).toEqual([1, 2, 3, 4, 5])
  })

  it('ignores pages that it did not ask for and answers to old questions', () => {
    const { hub, listen, batches, phase } = createLogUnderTest()
    listen()
    hub.connect()
    const stray = hub.append(2)
    const start = { epoch: 'e1', seq: 0, id: '' }
    hub.put({ type: 'page', channel: 'todos', after: start, messages: stray, head: hub.head, more: false })
    hub.put({ type: 'joined', channel: 'todos', start, messages: [], head: start, more: false })
    hub.put({ type: 'snapshot', channel: 'todos', position: start, state: 'stray' })
    expect(batches()).toEqual([])
    expect(phase()).toBe('live')
  })
})

describe('what is gone', () => {
  it('says what was missed when nobody needs a state', () => {
    const { hub, log, listen, occurrences } = createLogUnderTest()
    listen()
    hub.connect()
    hub.publish()
    hub.cut()
    hub.append(5)
    hub.pruned = 4
    hub.connect()
    expect(occurrences.slice(1)).toEqual([
      {
        type: 'missed',
        missed: { after: { epoch: 'e1', seq: 1, id: 'm1' }, through: { epoch: 'e1', seq: 6, id: 'm6' } },
      },
    ])
    hub.publish()
    expect(log.state$.get()).toMatchObject({ phase: 'live', position: { seq: 7 } })
  })

  it('takes a snapshot when a view needs the state', () => {
    const { hub, log, listen, occurrences, phases } = createLogUnderTest()
    log.need({ at: undefined, snapshot: true })
    listen()
    hub.connect()
    expect(occurrences).toMatchObject([{ type: 'snapshot', snapshot: { state: [] } }])
    hub.cut()
    hub.append(5)
    hub.pruned = 4
    hub.connect()
    expect(occurrences.slice(1)).toMatchObject([
      { type: 'missed' },
      { type: 'snapshot', snapshot: { position: { seq: 5 } } },
    ])
    expect(phases.slice(-2)).toEqual(['snapshot', 'live'])
  })

  it('goes on in a new epoch, whether it hears of it by a message, a head or a page', async () => {
    for (const hear of ['message', 'head', 'page'] as const) {
      const { hub, time, log, listen, occurrences } = createLogUnderTest()
      listen()
      hub.connect()
      hub.publish()
      await time.advance(5_000)
      if (hear === 'page') {
        hub.append(2)
        hub.heads()
      }
      hub.reset(4)
      if (hear === 'message') hub.publish()
      if (hear === 'head') hub.heads()
      await time.advance(5_000)
      expect(occurrences.at(1), hear).toMatchObject({
        type: 'missed',
        missed: { after: { epoch: 'e1', seq: 1 } },
      })
      hub.publish()
      expect(log.state$.get(), hear).toMatchObject({
        phase: 'live',
        position: { epoch: 'e2', seq: hub.log.length },
      })
      expect(log.hasPassed({ epoch: 'e1', seq: 99 })).toBe(true)
      hub.put({ type: 'messages', channel: 'todos', epoch: 'e1', messages: [[9, 'old', 0, 'added', 9]] })
      expect(hub.of('join')).toHaveLength(2)
    }
  })

  it('notices another message at its position', () => {
    const { hub, listen, occurrences } = createLogUnderTest()
    listen()
    hub.connect()
    hub.publish()
    hub.cut()
    hub.log = []
    hub.append(3)
    hub.connect()
    expect(occurrences.at(1)).toMatchObject({ type: 'missed', missed: { through: { seq: 3 } } })
  })

  it('does not follow a position from the future', () => {
    const { hub, log, listen, occurrences } = createLogUnderTest()
    hub.append(2)
    log.need({ at: { epoch: 'e1', seq: 9, id: 'm9' }, snapshot: true })
    listen()
    hub.connect()
    expect(occurrences).toMatchObject([
      { type: 'missed', missed: { after: { seq: 9 }, through: { seq: 2 } } },
      { type: 'snapshot' },
    ])
    expect(log.state$.get().position?.seq).toBe(2)
  })

  it('asks for a failed snapshot again, not sooner than told', async () => {
    const { hub, time, log, listen, occurrences, errors, phase } = createLogUnderTest()
    hub.snapshotError = { code: 'snapshot-failed', retryAfter: 3_000 }
    log.need({ at: { epoch: 'e0', seq: 1, id: 'x' }, snapshot: true })
    listen()
    hub.connect()
    expect(phase()).toBe('snapshot')
    expect(errors).toEqual(['snapshot-failed'])
    hub.snapshotError = undefined
    await time.advance(2_999)
    expect(hub.of('snapshot')).toHaveLength(1)
    await time.advance(3_001)
    expect(occurrences.at(-1)?.type).toBe('snapshot')
    expect(phase()).toBe('live')
  })

  it('waits on for its snapshot when one of the log that it left comes instead', async () => {
    const { hub, time, log, listen, occurrences } = createLogUnderTest()
    log.need({ at: undefined, snapshot: true })
    listen()
    hub.connect()
    await time.advance(5_000)
    const left = { type: 'snapshot', channel: 'todos', position: hub.head, state: ['left'] } as const
    hub.reset(2)
    hub.heads()
    hub.deaf.add('snapshot')
    log.refresh()
    for (let answers = 0; answers < 3; answers++) hub.put(left)
    expect(hub.of('snapshot')).toHaveLength(1)
    hub.put({ ...left, position: hub.head, state: ['ours'] })
    expect(occurrences.at(-1)).toMatchObject({ type: 'snapshot', snapshot: { state: ['ours'] } })
    await time.advance(60_000)
    expect(hub.of('snapshot')).toHaveLength(1)
  })
})

describe('a restored log, heard through a provider before the link tells', () => {
  /** The client has 1 and 2, of which the log was set back to 1: `lost` was to follow 2, `next` is there now. */
  const createRestored = async () => {
    const made = createLogUnderTest()
    const { hub, time, listen } = made
    listen()
    hub.connect()
    hub.publish(2)
    const lost = [...hub.append(), ...hub.append(), ...hub.append(2, 'w')]
    const ids = new Map(hub.log.map(([seq, id]) => [id, hub.log[seq - 2]?.[1] ?? '']))
    hub.log = hub.log.slice(0, 1)
    const next = [...hub.append(), ...hub.append(), ...hub.append(), ...hub.append()]
    for (const [seq, id] of next) ids.set(id, hub.log[seq - 2]?.[1] ?? '')
    const bring = (...messages: (WireMessage | undefined)[]) => {
      const frame = messages.map((message) => message!)
      hub.put({
        type: 'messages',
        channel: 'todos',
        epoch: 'e1',
        messages: frame,
        after: ids.get(frame[0]![1])!,
      })
    }
    hub.deaf.add('fetch')
    await time.advance(5_000)
    return { ...made, lost, next, bring }
  }
  type Restored = Awaited<ReturnType<typeof createRestored>>

  it.each<[string, (restored: Restored) => void]>([
    ['the next number', ({ bring, next }) => bring(next[1])],
    ['the next numbers', ({ bring, next }) => bring(next[1], next[2])],
    ['the number that it has', ({ bring, next }) => bring(next[0])],
    ['the number that it has, and more', ({ bring, next }) => bring(next[0], next[1])],
    [
      'the head that it has',
      ({ hub, next }) => {
        const head = { epoch: 'e1', seq: 2, id: next[0]![1] }
        hub.put({ type: 'messages', channel: 'todos', epoch: 'e1', messages: [], head })
      },
    ],
    [
      'a later number, and then the one between of the log that was',
      ({ bring, next, lost }) => {
        bring(next[2])
        bring(lost[0])
      },
    ],
    [
      'the next number, after a later one of the log that was',
      ({ bring, next, lost }) => {
        bring(lost[1])
        bring(next[1])
      },
    ],
  ])('goes on only as the hub says when there comes %s', async (_, come) => {
    const restored = await createRestored()
    come(restored)
    expect(restored.hub.of('join').map(({ at }) => at?.id)).toEqual([undefined, 'm2'])
    expect(restored.occurrences).toMatchObject([
      { type: 'batch', batch: { position: { id: 'm2' } } },
      { type: 'missed', missed: { after: { id: 'm2' }, through: { seq: 5, id: restored.next[3]![1] } } },
    ])
    expect(restored.phase()).toBe('live')
  })

  it('does not complete a write with messages of another log', async () => {
    const { hub, bring, lost, next, batches, occurrences } = await createRestored()
    bring(lost[0])
    bring(lost[1])
    bring(lost[2])
    expect(batches()).toEqual([[1, 2], [3], [4]])
    hub.append()
    const [last] = hub.log.slice(-1)
    hub.put({ type: 'messages', channel: 'todos', epoch: 'e1', messages: [last!], after: next[3]![1] })
    expect(batches()).toEqual([[1, 2], [3], [4]])
    expect(occurrences.at(-1)).toMatchObject({ type: 'missed', missed: { after: { id: lost[1]![1] } } })
  })

  it('is not mixed into the answer to a join', async () => {
    const { hub, bring, next, occurrences, time } = await createRestored()
    const restoredLog = hub.log
    hub.cut()
    hub.instant = false
    hub.log = [...hub.log.slice(0, 1), [2, 'm2', 0, 'added', 2]]
    hub.connect()
    hub.log = restoredLog
    bring(next[1])
    hub.queue.reverse()
    hub.instant = true
    hub.drain()
    await time.advance(5_000)
    expect(occurrences).toMatchObject([
      { type: 'batch' },
      { type: 'missed', missed: { after: { id: 'm2' }, through: { seq: 5 } } },
    ])
  })

  it('is not mixed with what comes late of the log that was', async () => {
    const { hub, bring, lost, next, batches, occurrences, time } = await createRestored()
    hub.log = hub.log.slice(0, 2)
    hub.cut()
    hub.connect()
    await time.advance(5_000)
    bring(lost[0])
    bring(next[1])
    expect(batches()).toEqual([[1, 2], [3]])
    expect(occurrences.at(-1)).toMatchObject({ batch: { messages: [{ id: next[1]![1] }] } })
  })

  it('is followed like any other by those whose messages it has', async () => {
    const { hub, bring, next, batches } = await createRestored()
    hub.cut()
    hub.connect()
    const [last] = hub.append()
    bring(next[3])
    hub.put({ type: 'messages', channel: 'todos', epoch: 'e1', messages: [last!], after: next[3]![1] })
    expect(batches()).toEqual([[1, 2], [6]])
    expect(hub.of('join')).toHaveLength(2)
  })
})

describe('needs', () => {
  it('joins at the oldest position needed, once stored positions are read', async () => {
    const { hub, time, log, listen, batches } = createLogUnderTest()
    hub.append(5)
    const at = (seq: number) => ({ epoch: 'e1', seq, id: `m${seq}` })
    log.need({ at: at(4), snapshot: false })
    log.need({ at: time.settle().then(() => at(2)), snapshot: true })
    listen()
    hub.connect()
    expect(hub.of('join')).toHaveLength(0)
    await time.advance(0)
    expect(hub.of('join')).toEqual([{ type: 'join', channel: 'todos', at: at(2), snapshot: true }])
    expect(batches()).toEqual([[3, 4, 5]])
    expect(hub.of('snapshot')).toHaveLength(0)
  })

  it('gives a late view a snapshot, and none to one that is up to date', () => {
    const { hub, log, listen, occurrences } = createLogUnderTest()
    listen()
    hub.connect()
    hub.publish(2)
    log.need({ at: hub.head, snapshot: true })
    listen()
    expect(hub.of('snapshot')).toHaveLength(0)
    log.need({ at: undefined, snapshot: true })
    listen()
    expect(occurrences.at(-1)).toMatchObject({ type: 'snapshot', snapshot: { position: { seq: 2 } } })
  })
})

describe('parsing', () => {
  it('reports a message that fails its schema and goes on', () => {
    const { hub, listen, occurrences, errors, log } = createLogUnderTest({
      parseEvent: (_event, data) => {
        if (data === 2) throw new SynclineError('schema-violation')
        return data
      },
    })
    listen()
    hub.connect()
    hub.publish(3)
    expect(occurrences).toMatchObject([
      {
        batch: {
          messages: [{ data: 1 }, { data: 3 }],
          invalid: [{ code: 'schema-violation' }],
          position: { seq: 3 },
        },
      },
    ])
    expect(errors).toEqual(['schema-violation'])
    expect(log.state$.get().position?.seq).toBe(3)
  })

  it('keeps the order while parsing is asynchronous, and is live only when all was handed on', async () => {
    const settle: (() => void)[] = []
    const { hub, time, listen, batches, phase } = createLogUnderTest({
      parseEvent: (_event, data) =>
        (data as number) % 2 ? new Promise((resolve) => settle.push(() => resolve(data))) : data,
    })
    hub.append(2)
    listen()
    hub.connect()
    hub.cut()
    hub.append(2)
    hub.connect()
    expect(phase()).toBe('catching-up')
    hub.publish()
    settle[1]?.()
    await time.settle()
    expect(batches()).toEqual([])
    settle[0]?.()
    await time.settle()
    expect(batches()).toEqual([[3, 4], [5]])
    expect(phase()).toBe('live')
  })

  it('takes no more than its bound while parsing lags, and fetches the rest later', async () => {
    let open = (): void => undefined
    const gate = new Promise<void>((resolve) => {
      open = resolve
    })
    const { hub, time, listen, batches } = createLogUnderTest({
      bufferMessages: 4,
      parseEvent: (_event, data) => gate.then(() => data),
    })
    listen()
    hub.connect()
    for (let n = 0; n < 20; n++) hub.publish()
    open()
    await time.advance(20_000)
    expect(batches().flat()).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
    expect(hub.of('fetch').length).toBeGreaterThan(0)
  })
})

it('shows the writes that wait, without joining', () => {
  const { log, pending$, hub } = createLogUnderTest()
  pending$.set(3)
  expect(log.state$.get()).toMatchObject({ phase: 'idle', pending: 3 })
  expect(hub.sent).toEqual([])
})

it('decides about an epoch it never saw by the next word of the hub', () => {
  const { hub, log, listen } = createLogUnderTest()
  listen()
  hub.connect()
  expect(log.hasPassed({ epoch: 'e0', seq: 3 })).toBe(false)
  hub.heads()
  expect(log.hasPassed({ epoch: 'e0', seq: 3 })).toBe(true)
  expect(log.hasPassed({ epoch: 'e1', seq: 1 })).toBe(false)
})
