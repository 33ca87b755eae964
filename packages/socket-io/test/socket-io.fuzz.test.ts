import { errorCatalog, type TransportEvent } from '@syncline/core'
import type { ClientFrame } from '@syncline/core/protocol'
import { createHub, memoryStore } from '@syncline/server'
import { createVirtualTime, until } from '@syncline/testing'
import { anyJson, clientFrames, damaged } from '@syncline/testing/fuzz'
import fc from 'fast-check'
import { BehaviorSubject } from 'rxjs'
import type { Socket as ServerSocket } from 'socket.io'
import { io } from 'socket.io-client'
import { expect, it, onTestFinished } from 'vitest'
import { socketIoGateway } from '../src/hub/index.ts'
import { socketIo } from '../src/index.ts'
import { startSocketIo } from './servers.ts'

const bytes = fc.uint8Array({ maxLength: 20 }).map((list) => Buffer.from(list))
const argument = fc.oneof(
  { arbitrary: anyJson, weight: 3 },
  bytes,
  bytes.map((inside) => ({ type: 'messages', inside: [inside] })),
  fc.constant(undefined),
)
const emitted = fc.record({
  event: fc.oneof(
    { arbitrary: fc.constant('syncline'), weight: 4 },
    fc.constantFrom('message', 'toString', '__proto__', 'error', 'ping', ''),
    fc.string(),
  ),
  parameters: fc.array(argument, { maxLength: 3 }),
  acknowledged: fc.boolean(),
})
type Emitted = typeof emitted extends fc.Arbitrary<infer T> ? T : never

/** As it is after JSON and back; bytes stay bytes. */
const sentAs = (value: unknown): unknown =>
  Buffer.isBuffer(value) ? value : JSON.parse(JSON.stringify(value ?? null))

it('whatever a server emits, the frames of the one event go on as they are, and the link stands', async () => {
  const { io: server, url } = await startSocketIo()
  const sockets: ServerSocket[] = []
  server.of('/syncline').on('connection', (socket) => void sockets.push(socket))
  const session = socketIo(url).open(createVirtualTime().environment)
  onTestFinished(() => session.dispose())
  const events$ = new BehaviorSubject<readonly TransportEvent[]>([])
  const errors: unknown[] = []
  const attempt = session.attempt({ token: 'ada', frames: [] }).subscribe({
    next: (event) => events$.next([...events$.value, event]),
    error: (error) => void errors.push(error),
  })
  onTestFinished(() => attempt.unsubscribe())
  await until(events$, ([first]) => first?.type === 'open')
  let count = 0
  await fc.assert(
    fc.asyncProperty(fc.array(emitted, { maxLength: 6 }), async (all) => {
      events$.next([])
      for (const { event, parameters, acknowledged } of all)
        sockets[0]?.emit(event, ...parameters, ...(acknowledged ? [() => {}] : []))
      const last = { type: 'pong', count: ++count }
      sockets[0]?.emit('syncline', last)
      const events = await until(events$, (list) => {
        const event = list.at(-1)
        return event?.type === 'frames' && (event.frames[0] as { count?: number } | null)?.count === count
      })
      const wanted = all.filter(({ event }) => event === 'syncline')
      expect(events).toHaveLength(wanted.length + 1)
      for (const [index, { parameters, acknowledged }] of wanted.entries()) {
        const event = events[index] as Extract<TransportEvent, { type: 'frames' }>
        expect(event.frames).toHaveLength(parameters.length + (acknowledged ? 1 : 0))
        for (const [place, parameter] of parameters.entries())
          if (parameter === null || typeof parameter !== 'object')
            expect(event.frames[place]).toEqual(sentAs(parameter))
      }
      expect(errors).toEqual([])
    }),
    { numRuns: 100, seed: 4 },
  )
})

const home = 'notes'
const frame = fc.oneof(
  clientFrames({ channel: fc.constantFrom(home, 'nowhere'), name: fc.constantFrom('add', '__proto__') }),
  damaged(clientFrames()),
)
const hello: ClientFrame = { type: 'hello', version: 1, client: 'mallory' }

it('whatever a client emits is answered, refused with a code, or ends its link alone', async () => {
  const { io: server, url } = await startSocketIo()
  const logged: unknown[] = []
  const log = (...entry: unknown[]) => void logged.push(entry)
  const hub = createHub({
    store: memoryStore(),
    gateways: [socketIoGateway(server)],
    authenticate: ({ token }) => ({ id: token ?? 'nobody' }),
    limits: { malformedFrames: 5 },
    logger: { debug: () => {}, info: () => {}, warn: () => {}, error: log },
  })
  await hub.ready
  onTestFinished(() => hub.close({ within: 0 }))
  const connect = (auth: object) => {
    const frames$ = new BehaviorSubject<readonly { type: string; error?: { code: string } }[]>([])
    const socket = io(`${url}/syncline`, {
      auth,
      forceNew: true,
      transports: ['websocket'],
      reconnection: false,
    })
    onTestFinished(() => void socket.disconnect())
    const over$ = new BehaviorSubject(false)
    socket.on('syncline', (...frames) => frames$.next([...frames$.value, ...frames]))
    socket.on('disconnect', () => over$.next(true))
    return { socket, frames$, over$ }
  }
  const has = (type: string) => (list: readonly { type: string }[]) => list.some((each) => each.type === type)
  const other = connect({ token: 'other', frames: [{ ...hello, client: 'other' }] })
  await until(other.frames$, has('welcome'))
  const opening = fc.oneof(
    { arbitrary: fc.constant<object>({ token: 'mallory', frames: [hello] }), weight: 4 },
    fc.record({ token: anyJson, frames: anyJson }),
  )
  const given = fc.oneof(
    emitted,
    fc
      .array(frame, { maxLength: 4 })
      .map((parameters): Emitted => ({ event: 'syncline', parameters, acknowledged: false })),
  )
  await fc.assert(
    fc.asyncProperty(opening, fc.array(given, { maxLength: 6 }), async (auth, all) => {
      const mallory = connect(auth)
      await until(mallory.frames$, (list) => list.length > 0)
      for (const { event, parameters, acknowledged } of all)
        mallory.socket.emit(event, ...parameters, ...(acknowledged ? [() => {}] : []))
      mallory.socket.emit('syncline', { type: 'ping' })
      const end$ = new BehaviorSubject(false)
      mallory.frames$.subscribe((list) => has('pong')(list) && end$.next(true))
      mallory.over$.subscribe((over) => over && end$.next(true))
      await until(end$, (end) => end)
      mallory.socket.disconnect()
      for (const { error } of mallory.frames$.value)
        if (error) {
          expect(Object.keys(errorCatalog)).toContain(error.code)
          expect(error.code).not.toBe('internal')
        }
      other.frames$.next([])
      other.socket.emit('syncline', { type: 'ping' })
      await until(other.frames$, has('pong'))
      expect(other.over$.value).toBe(false)
    }),
    { numRuns: 60, seed: 4 },
  )
  expect(logged).toEqual([])
})
