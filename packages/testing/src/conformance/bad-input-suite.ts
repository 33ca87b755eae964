import { createView, defineChannel, SynclineError, type } from '@syncline/core'
import { type ErrorFrame, type HubFrame, PROTOCOL_VERSION } from '@syncline/core/protocol'
import { type HubStore, memoryStore } from '@syncline/server'
import { expect } from 'vitest'
import { collect } from '../collect.ts'
import { eventually, until } from '../until.ts'
import { helloFrame, type RawLink } from './raw-link.ts'
import type { Scenario } from './scenario.ts'
import { channelOf, todoList, todoSchema } from './todo-contract.ts'
import { tokenOf, type World } from './world.ts'

const home = channelOf('home')
const address = { channel: home, client: 'c1', generation: 1 }
const open = (world: World, subject = 'mallory', ...frames: readonly unknown[]): RawLink =>
  world.raw({ token: tokenOf(subject), frames: [helloFrame('c1'), ...frames] })
/** What the hub says as it refuses a link. */
const byeOf = async (link: RawLink): Promise<string> => (await link.frame('bye')).error.code
const writes = (...list: readonly unknown[]) => ({ type: 'writes', ...address, answered: 0, writes: list })
const create = (n: number, id: string, data: unknown = { id, text: 'a' }) => [
  n,
  id,
  'mutate',
  'todo:create',
  data,
  1,
]
const errorsOf = ({ frames }: RawLink) =>
  frames.filter((frame): frame is ErrorFrame => frame.type === 'error').map(({ error }) => error.code)
const answerTo = async (link: RawLink, id: string) => {
  const frame = await link.frame('answers', ({ answers }) => answers.some((answer) => answer[1] === id))
  return frame.answers.find((answer) => answer[1] === id)
}
const rejection = (code: string) => expect.objectContaining({ code })

const malformed: readonly unknown[] = [
  42,
  'text',
  [],
  {},
  { type: 'nonsense' },
  { type: 'constructor' },
  { type: 'hello', version: PROTOCOL_VERSION, client: 'again' },
  { type: 'auth' },
  { type: 'join', channel: 7 },
  { type: 'join', channel: 'x'.repeat(10_000) },
  { type: 'join', channel: home, at: { epoch: 'e', seq: -1, id: '' } },
  { type: 'fetch', channel: home, after: { epoch: 1 } },
  { type: 'heads', channels: 'all' },
  { type: 'writes', ...address, answered: 0, writes: [['1', 'id', 'mutate', 'todo:create', {}, 1]] },
  { type: 'writes', ...address, answered: 0, writes: [[0, 'id', 'mutate', 'todo:create', {}, 1]] },
  { type: 'writes', ...address, answered: 0, writes: [[1, '', 'mutate', 'todo:create', {}, 1]] },
  { type: 'writes', ...address, answered: 0, writes: [[1, 'id', 'drop', 'todo:create', {}, 1]] },
]

/** Each with a clear error code, and nobody else disturbed. */
export const badInputSuite = (scenario: Scenario): void => {
  scenario(
    'malformed frames are answered with malformed-frame, and end only the link that sends too many',
    async (world) => {
      await world.start()
      const other = await world.bystander()
      const link = open(world)
      await link.frame('welcome')
      for (const [index, frame] of malformed.entries()) {
        link.send(frame)
        await eventually(() => errorsOf(link).length === index + 1, {
          what: `The answer to ${JSON.stringify(frame)?.slice(0, 80)}`,
        })
      }
      expect(errorsOf(link)).toEqual(malformed.map(() => 'malformed-frame'))
      link.send({ type: 'ping' })
      await link.frame('pong')
      await other.goesOn()
      link.send(...malformed)
      expect(await byeOf(link)).toBe('malformed-frame')
      await link.over
      await other.goesOn()
    },
  )

  scenario('a link that does not begin with hello is refused', async (world) => {
    await world.start()
    const other = await world.bystander()
    for (const frames of [[], [{ type: 'join', channel: home }], ['hello'], [{ type: 'hello' }]]) {
      const link = world.raw({ token: tokenOf('mallory'), frames })
      expect(await byeOf(link)).toBe('malformed-frame')
      await link.over
    }
    const link = world.raw({ token: tokenOf('mallory'), frames: 'hello' as never })
    expect(await byeOf(link)).toBe('malformed-frame')
    await other.goesOn()
  })

  scenario('what no client of the provider would send is refused, and nobody notices', async (world) => {
    await world.start()
    const other = await world.bystander()
    await world.pair.garbage?.(world.url)
    await other.goesOn()
  })

  scenario('another protocol version is refused on both sides', async (world) => {
    await world.start()
    const other = await world.bystander()
    const link = world.raw({ token: tokenOf('mallory'), frames: [helloFrame('c1', { version: 99 })] })
    expect(await byeOf(link)).toBe('protocol-version')
    const device = await world.device({
      taps: {
        in: (frame, pass) => pass(frame.type === 'welcome' ? { ...frame, version: 99 } : frame),
      },
    })
    device.client.connect()
    const status = await until(device.client.status$, ({ at }) => at === 'failed')
    expect(status).toMatchObject({ error: { code: 'protocol-version' } })
    await other.goesOn()
  })

  scenario('a client survives frames that no hub of ours sends', async (world) => {
    await world.start()
    let garbage = false
    const device = await world.device({
      taps: {
        in: (frame, pass) => {
          if (garbage)
            for (const nonsense of [null, 7, {}, { type: 'messages', channel: home }]) pass(nonsense as never)
          garbage = false
          pass(frame)
        },
      },
    })
    const seen = collect(device.list().messages$)
    await device.live()
    garbage = true
    await device.list().mutate('todo:create', { id: 'a', text: 'a' }).result
    await seen.until(({ length }) => length === 1)
    expect(device.errors.values.map(({ code }) => code)).toContain('malformed-frame')
  })

  scenario('an unknown channel is refused by its name, and the others of the client go on', async (world) => {
    await world.start()
    const other = await world.bystander()
    const device = await world.device()
    const unknown = device.client.channel(defineChannel('nowhere', { events: { line: type<string>() } }))
    const seen = collect(device.list().messages$)
    collect(unknown.messages$)
    await device.live()
    const state = await until(unknown.state$, ({ phase }) => phase === 'refused')
    expect(state.error?.code).toBe('unknown-channel')
    await device.list().mutate('todo:create', { id: 'a', text: 'a' }).result
    await seen.until(({ length }) => length === 1)
    const link = open(
      world,
      'mallory',
      { type: 'join', channel: channelOf('') },
      { type: 'join', channel: '../etc' },
    )
    expect((await link.frame('refused')).error.code).toBe('unknown-channel')
    await other.goesOn()
  })

  scenario(
    'unknown mutations and events, and events that are not for clients, are rejected',
    async (world) => {
      await world.start()
      const other = await world.bystander()
      const link = open(
        world,
        'mallory',
        writes(
          [1, 'w1', 'mutate', 'todo:explode', {}, 1],
          [2, 'w2', 'mutate', 'constructor', {}, 1],
          [3, 'w3', 'publish', 'todo:exploded', {}, 1],
          [4, 'w4', 'publish', 'todo:created', { id: 'x', text: 'x' }, 1],
          create(5, 'w5'),
        ),
      )
      expect((await answerTo(link, 'w1'))?.slice(2)).toEqual(['rejected', rejection('unknown-mutation')])
      expect((await answerTo(link, 'w2'))?.slice(2)).toEqual(['rejected', rejection('unknown-mutation')])
      expect((await answerTo(link, 'w3'))?.slice(2)).toEqual(['rejected', rejection('unknown-event')])
      expect((await answerTo(link, 'w4'))?.slice(2)).toEqual(['rejected', rejection('publish-forbidden')])
      expect((await answerTo(link, 'w5'))?.[2]).toBe('accepted')
      await other.goesOn()
    },
  )

  scenario('input that violates its schema is rejected with its issues', async (world) => {
    await world.start()
    const other = await world.bystander()
    const device = await world.device()
    await device.live()
    const write = device.list().mutate('todo:create', { id: 7 } as never)
    const status = await until(write.status$, ({ at }) => at === 'parked')
    expect(status).toMatchObject({
      reason: 'rejected',
      error: { code: 'schema-violation', issues: [{ path: 'todo' }] },
    })
    expect(world.app.runs.size).toBe(0)
    const { hub } = world.running
    await expect(hub.publish(todoList, { list: 'home' }, 'todo:created', {} as never)).rejects.toMatchObject({
      code: 'schema-violation',
    })
    await other.goesOn()
  })

  scenario(
    'a message that violates its schema is reported, its view is refreshed, and the stream goes on',
    async (world) => {
      await world.start()
      const events = { 'todo:created': type<unknown>() }
      const strict = defineChannel('plans', {
        snapshot: type<readonly string[]>(),
        events: { 'todo:created': todoSchema },
      })
      const loose = defineChannel('plans', { snapshot: type<readonly string[]>(), events })
      let snapshots = 0
      world.running.hub.serve(loose, { snapshot: () => [`snapshot ${++snapshots}`] })
      const device = await world.device()
      const channel = device.client.channel(strict)
      const view = createView(channel, {
        initial: (lines) => lines,
        on: { 'todo:created': (lines, { id }) => [...lines, id] },
      })
      const shown = collect(view)
      const errors = collect(channel.errors$)
      await until(channel.state$, ({ phase }) => phase === 'live')
      await world.running.hub.publish(loose, 'todo:created', { id: 7 })
      await errors.until(({ length }) => length === 1)
      expect(errors.values[0]).toMatchObject({ code: 'schema-violation' })
      await shown.until((states) => states.at(-1)?.[0] === 'snapshot 2', { what: 'The refreshed view' })
      await world.running.hub.publish(loose, 'todo:created', { id: 'b', text: 'b' })
      await shown.until((states) => states.at(-1)?.includes('b') === true)
      expect(view.status$.get()).toMatchObject({ at: 'ready', stale: false })
      shown.stop()
      view.close()
    },
  )

  scenario('what is too large is refused with too-large, wherever it is noticed', async (world) => {
    await world.start({ limits: { messageBytes: 10_000, frameBytes: 50_000 } })
    const other = await world.bystander()
    const device = await world.device()
    await device.live()
    const list = device.list()
    for (const length of [20_000, 60_000]) {
      const write = list.mutate('todo:create', { id: 'a', text: 'x'.repeat(length) })
      expect(await until(write.status$, ({ at }) => at === 'parked')).toMatchObject({
        error: { code: 'too-large' },
      })
    }
    await list.mutate('todo:create', { id: 'a', text: 'a' }).result
    const { hub } = world.running
    const large = { id: 'a', text: 'x'.repeat(20_000) }
    await expect(hub.publish(todoList, { list: 'home' }, 'todo:created', large)).rejects.toMatchObject({
      code: 'too-large',
    })

    const link = open(world)
    await link.frame('welcome')
    link.send(writes(create(1, 'w1', { id: 'w1', text: 'x'.repeat(60_000) })))
    const refused = await Promise.race([
      link.frame('error').then(({ error }) => error.code),
      link.over.then(({ code }) => code),
    ])
    expect(refused).toBe('too-large')
    await other.goesOn()
    expect(device.statuses.values.map(({ at }) => at)).toEqual(['idle', 'connecting', 'connected'])
  })

  scenario('a forged position is never followed: the channel starts elsewhere and says so', async (world) => {
    await world.start()
    const other = await world.bystander()
    await other.goesOn()
    const { epoch, seq, id } = other.list().state$.get().position!
    const forged = [
      { epoch, seq: 1_000_000, id: 'future' },
      { epoch, seq, id: 'another message' },
      { epoch: 'another epoch', seq, id },
      { epoch, seq: 0, id: 'no such start' },
      { epoch: '', seq, id: 'x'.repeat(300) },
    ]
    for (const at of forged) {
      const link = open(world, 'mallory', { type: 'join', channel: home, at })
      expect(await link.frame('joined')).toMatchObject({
        gone: true,
        start: { epoch, seq, id },
        messages: [],
      })
      link.send({ type: 'fetch', channel: home, after: at })
      expect(await link.frame('page')).toMatchObject({ gone: true, messages: [] })
      link.close()
    }
    await other.goesOn()
  })

  scenario('a forged stream number is told to go back, and a used one is a write-conflict', async (world) => {
    await world.start()
    const other = await world.bystander()
    const link = open(world, 'mallory', writes(create(1, 'w1')))
    expect((await answerTo(link, 'w1'))?.[2]).toBe('accepted')
    link.send(writes(create(9, 'w9')))
    expect(await link.frame('back')).toMatchObject({ expect: 2, error: { code: 'wrong-number' } })
    link.send(writes(create(1, 'w1-changed', { id: 'changed', text: 'b' })))
    expect((await answerTo(link, 'w1-changed'))?.slice(2)).toEqual(['rejected', rejection('write-conflict')])
    link.send(writes(create(1, 'w1')))
    await eventually(
      () =>
        link.frames.filter((frame: HubFrame) => frame.type === 'answers' && frame.answers[0]?.[1] === 'w1')
          .length === 2,
      { what: 'The stored answer' },
    )
    expect(world.app.runs.get('w1')).toBe(1)
    const unknown = open(world, 'eve', writes(create(5, 'w5')))
    await unknown.frame('unknown-stream')
    expect(world.app.todos('home').map(({ text }) => text)).not.toContain('b')
    await other.goesOn()
  })

  scenario(
    "another person's client and write ids open nothing: neither answers nor streams",
    async (world) => {
      await world.start()
      const other = await world.bystander()
      const ada = open(world, 'ada', writes(create(1, 'w1', { id: 'private', text: 'of ada' })))
      expect((await answerTo(ada, 'w1'))?.[3]).toEqual({ id: 'private', text: 'of ada' })
      const mallory = open(world, 'mallory', writes(create(2, 'w2')))
      await mallory.frame('unknown-stream')
      mallory.send(writes([1, 'w1', 'void', '', null, 1]))
      expect((await answerTo(mallory, 'w1'))?.slice(2)).toEqual(['rejected', rejection('discarded')])
      expect(JSON.stringify(mallory.frames)).not.toContain('of ada')
      ada.send(writes(create(2, 'w2')))
      expect((await answerTo(ada, 'w2'))?.[2]).toBe('accepted')
      await other.goesOn()
    },
  )

  scenario(
    'missing, expired and wrong tokens are told apart and get no further than the door',
    async (world) => {
      await world.start()
      const other = await world.bystander()
      const join = { type: 'join', channel: home }
      const refused = [
        [undefined, 'unauthenticated'],
        ['', 'unauthenticated'],
        ['ada||forged', 'unauthenticated'],
        [tokenOf('ada', Date.now() - 1), 'token-expired'],
      ] as const
      for (const [token, code] of refused) {
        const link = world.raw({ token, frames: [helloFrame('c1'), join, writes(create(1, 'w1'))] })
        expect(await byeOf(link)).toBe(code)
        expect(link.frames.map(({ type: kind }) => kind)).toEqual(['bye'])
      }
      const mismatch = world.raw({
        token: tokenOf('mallory'),
        frames: [helloFrame('c1', { identity: 'ada' }), join],
      })
      expect(await byeOf(mismatch)).toBe('identity-mismatch')
      const link = open(world)
      await link.frame('welcome')
      link.send({ type: 'auth', token: tokenOf('ada') })
      expect(await byeOf(link)).toBe('identity-mismatch')
      expect(world.app.runs.size).toBe(0)
      await other.goesOn()
    },
  )

  scenario('a handler that throws fails its own write only', async (world) => {
    await world.start()
    const other = await world.bystander()
    const device = await world.device()
    await device.live()
    const write = device.list().mutate('obey', { order: 'throw' })
    const status = await until(write.status$, ({ at }) => at === 'parked')
    expect(status).toMatchObject({ error: { code: 'handler-failed' } })
    expect(JSON.stringify(status)).not.toContain('told to throw')
    await device.list().mutate('todo:create', { id: 'a', text: 'a' }).result
    await other.goesOn()
    expect(world.running.logged.join()).toContain(write.id)
  })

  scenario(
    'a handler that hangs is given up, says that the outcome is unknown, and holds nobody else up',
    async (world) => {
      await world.start({ handlerTimeout: 300 })
      const other = await world.bystander()
      const device = await world.device()
      await device.live()
      const write = device.list().mutate('obey', { order: 'hang' })
      await until(write.status$, ({ at }) => at === 'sent')
      await other.goesOn()
      const next = device.list().mutate('todo:create', { id: 'a', text: 'a' })
      const status = await until(write.status$, ({ at }) => at === 'parked')
      expect(status).toMatchObject({ reason: 'outcome-unknown', error: { code: 'handler-timeout' } })
      await next.result
    },
  )

  scenario(
    'a full disk loses nothing: the write waits, reading goes on, and it is accepted once there is room',
    async (world) => {
      const store = memoryStore()
      let full = false
      const small: HubStore<undefined> = {
        ...store,
        // Nothing to write needs no room.
        commit: (group) =>
          full && group.length > 0
            ? Promise.reject(new SynclineError('store-unavailable'))
            : store.commit(group),
      }
      await world.start({ store: small as never })
      const other = await world.bystander()
      const device = await world.device()
      const list = device.view()
      await device.live()
      full = true
      const write = device.list().mutate('todo:create', { id: 'a', text: 'a' })
      await until(write.status$, ({ at }) => at === 'sent')
      const { hub } = world.running
      await expect(
        hub.publish(todoList, { list: 'home' }, 'todo:created', { id: 'b', text: 'b' }),
      ).rejects.toMatchObject({ code: 'store-unavailable' })
      expect(hub.health().status).toBe('failing')
      const reader = await world.device({ identity: 'reader' })
      const shown = reader.view()
      await reader.live()
      expect(shown.view.status$.get().at).toBe('ready')
      full = false
      await write.result
      await list.until((states) => states.at(-1)?.some(({ id }) => id === 'a') === true)
      expect(hub.health().status).toBe('ok')
      const { head } = await until(device.list().state$, (state) => state.head!.seq > 0)
      expect(head!.seq).toBe(1)
      await other.goesOn()
    },
  )
}
