import type { Transport, TransportEvent } from '@syncline/core'
import { Subject } from 'rxjs'
import { beforeEach, expect, test } from 'vitest'
import { type Taps, tapTransport } from './tap-transport.ts'
import { createVirtualTime } from './virtual-time.ts'

let events: Subject<TransportEvent>
let sent: unknown[]
let opening: readonly unknown[]
beforeEach(() => {
  events = new Subject()
  sent = []
})

const attempt = (taps: Taps) => {
  const transport: Transport = {
    kind: 'hub',
    name: 'stub',
    open: () => ({
      attempt: ({ frames }) => {
        opening = frames
        return events
      },
      dispose: () => {},
    }),
  }
  const session = tapTransport(transport, taps).open(createVirtualTime().environment)
  const received: unknown[][] = []
  let send: (frames: never[]) => void = () => {}
  const hello = { type: 'hello', version: 1, client: 'c' } as const
  session.attempt({ token: undefined, frames: [hello] }).subscribe((event) => {
    if (event.type === 'open') send = event.send as never
    else received.push([...event.frames])
  })
  events.next({ type: 'open', continuity: 'unknown', send: (frames) => void sent.push(...frames) })
  return { received, send: (...frames: unknown[]) => send(frames as never[]) }
}
const pong = { type: 'pong' } as const
const heads = { type: 'heads', heads: [] } as const
const come = (...frames: unknown[]) => events.next({ type: 'frames', frames })

test('passes everything on as it came without taps', () => {
  const { received, send } = attempt({})
  come(pong, heads)
  send({ type: 'ping' })
  expect(opening).toHaveLength(1)
  expect(received).toEqual([[pong, heads]])
  expect(sent).toEqual([{ type: 'ping' }])
})

test('drops, doubles and changes what comes in', () => {
  const { received } = attempt({
    in: (frame, pass) => {
      if (frame.type === 'pong') return
      pass(frame)
      pass({ ...frame, type: 'pong' } as never)
    },
  })
  come(pong)
  come(pong, heads)
  expect(received).toEqual([[heads, { type: 'pong', heads: [] }]])
})

test('lets what was held in after what came later', () => {
  let release = () => {}
  const { received } = attempt({
    in: (frame, pass) => {
      if (frame.type === 'pong') release = () => pass(frame)
      else pass(frame)
    },
  })
  come(pong, heads)
  release()
  expect(received).toEqual([[heads], [pong]])
})

test('sees what goes out, the opening included', () => {
  const seen: string[] = []
  let release = () => {}
  const { send } = attempt({
    out: (frame, pass) => {
      seen.push(frame.type)
      if (frame.type === 'ping') release = () => pass(frame)
      else if (frame.type !== 'leave') pass(frame)
    },
  })
  send({ type: 'ping' }, { type: 'leave', channel: 'a' })
  expect(sent).toEqual([])
  release()
  expect(seen).toEqual(['hello', 'ping', 'leave'])
  expect(sent).toEqual([{ type: 'ping' }])
})
