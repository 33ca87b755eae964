import { createClient, defineChannel, type Transport, type TransportEvent, type } from '@syncline/core'
import type { ClientFrame, WireMember } from '@syncline/core/protocol'
import { createVirtualTime } from '@syncline/testing'
import { Observable, type Subscriber } from 'rxjs'

export const room = defineChannel('room', {
  events: {},
  presence: type<{ readonly name: string }>(),
  cursor: type<{ readonly x: number }>(),
})

export const member = (id: string, more: Partial<WireMember> = {}): WireMember => ({
  id,
  person: id,
  since: 1,
  state: { name: id },
  status: 'active',
  ...more,
})

const head = { epoch: 'e', seq: 0, id: '' }
const welcome = {
  type: 'welcome',
  version: 1,
  session: 's',
  subject: 'ada',
  heartbeat: 3_600_000,
  limits: { frameBytes: 65_536, writesInFlight: 256, channels: 100 },
}

/** A real client of a hub that lets everybody in, and tells of presence what the test says. */
export const createFakeRoom = () => {
  const time = createVirtualTime()
  const sent: ClientFrame[] = []
  let hub: Subscriber<TransportEvent> | undefined
  const frames = (...all: readonly unknown[]) => hub?.next({ type: 'frames', frames: all })
  const answer = (frame: ClientFrame) => {
    sent.push(frame)
    if (frame.type === 'join')
      frames({ type: 'joined', channel: frame.channel, start: head, head, messages: [], more: false })
  }
  const transport: Transport = {
    kind: 'hub',
    name: 'fake',
    open: () => ({
      attempt: () =>
        new Observable((subscriber) => {
          hub = subscriber
          const send = (all: readonly ClientFrame[]) => all.forEach(answer)
          subscriber.next({ type: 'open', continuity: 'unknown', send })
          frames(welcome)
        }),
      dispose: () => {},
    }),
  }
  const client = createClient({ transport, environment: time.environment })
  let count = 0
  return {
    time,
    client,
    channel: client.channel(room),
    sent,
    types: () => sent.map(({ type }) => type).filter((type) => type !== 'join' && type !== 'leave'),
    members: (...members: readonly WireMember[]) =>
      frames({ type: 'members', channel: 'room', revision: ['a', count], grace: 10_000, members }),
    changes: (...changes: readonly unknown[]) =>
      frames({ type: 'presence', channel: 'room', after: count, revision: ['a', ++count], changes }),
    exited: (code: string) => frames({ type: 'exited', channel: 'room', error: { code } }),
    entered: (id: string) => frames({ type: 'entered', channel: 'room', id }),
  }
}
