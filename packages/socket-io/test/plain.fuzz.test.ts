import { createClient, SynclineError } from '@syncline/core'
import { until } from '@syncline/testing'
import { anyJson } from '@syncline/testing/fuzz'
import fc from 'fast-check'
import { BehaviorSubject } from 'rxjs'
import type { Socket } from 'socket.io'
import { expect, it, onTestFinished } from 'vitest'
import { plainSocketIo } from '../src/plain/index.ts'
import { startSocketIo } from './servers.ts'

const argument = fc.oneof(
  { arbitrary: anyJson, weight: 3 },
  fc.uint8Array({ maxLength: 20 }).map((list) => Buffer.from(list)),
  fc.constant(undefined),
)
const emitted = fc.record({
  event: fc.constantFrom('created', 'created', 'toString', '__proto__', 'error', ''),
  parameters: fc.array(argument, { maxLength: 3 }),
  acknowledged: fc.boolean(),
})

it('whatever a server emits, what is listened to comes, and what cannot be routed is told with a code', async () => {
  const { io, url } = await startSocketIo()
  const sockets: Socket[] = []
  io.on('connection', (socket) => void sockets.push(socket))
  const client = createClient({
    // As one would write it who trusts the server.
    transport: plainSocketIo(url, { route: (_, data) => (data as { readonly room: string }).room }),
  })
  onTestFinished(() => client.close())
  const errors: unknown[] = []
  client.errors$.subscribe((error) => errors.push(error))
  const seen$ = new BehaviorSubject(0)
  const inTodos$ = new BehaviorSubject<unknown>(undefined)
  client.plain().on('created', () => seen$.next(seen$.value + 1))
  client.plain('todos').on('last', (data) => inTodos$.next(data))
  await until(client.status$, ({ at }) => at === 'connected')
  let count = 0
  await fc.assert(
    fc.asyncProperty(fc.array(emitted, { minLength: 1, maxLength: 6 }), async (all) => {
      errors.length = 0
      seen$.next(0)
      for (const { event, parameters, acknowledged } of all)
        sockets[0]?.emit(event, ...parameters, ...(acknowledged ? [() => {}] : []))
      sockets[0]?.emit('last', { room: 'todos', count: ++count })
      await until(inTodos$, (data) => (data as { count?: number } | undefined)?.count === count)
      // Several arguments are an array, and an acknowledgement is an argument: there is no room in these, but one can ask.
      const lost = all.filter(
        ({ parameters, acknowledged }) =>
          parameters.length < 2 &&
          !acknowledged &&
          JSON.parse(JSON.stringify(parameters[0]) ?? 'null') === null,
      )
      expect(errors).toHaveLength(lost.length)
      for (const error of errors) {
        expect(error).toBeInstanceOf(SynclineError)
        expect(error).toHaveProperty('code', 'malformed-frame')
      }
      const heard = all.filter((each) => each.event === 'created' && !lost.includes(each))
      expect(seen$.value).toBe(heard.length)
      expect(client.status$.get()).toEqual({ at: 'connected' })
      expect(sockets).toHaveLength(1)
    }),
    { numRuns: 100, seed: 4 },
  )
})
