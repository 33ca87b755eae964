import { collect, createVirtualTime } from '@syncline/testing'
import { expect, it } from 'vitest'
import { createScriptedPlainTransport } from '../../test/scripted-transport.ts'
import { SynclineError } from '../errors/syncline-error.ts'
import type { PlainMember, PlainPresenceListener, PlainTransportEvent } from '../transport/plain-provider.ts'
import type { PlainClient } from './plain-client.ts'
import type { EnteringPlainPresence } from './plain-presence.ts'
import { plainTransportWithPresence } from './plain-transport.ts'

const member = (id: string): PlainMember => ({ id, data: id, me: id === 'ada' })

const setUp = ({ refuses = false } = {}) => {
  const calls: string[] = []
  const watching = new Map<string, PlainPresenceListener>()
  const scripted = createScriptedPlainTransport({
    join: (channel) => calls.push(`join ${channel}`),
    leave: (channel) => calls.push(`leave ${channel}`),
    watch: (channel, listener) => {
      watching.set(channel, listener)
      return () => void watching.delete(channel)
    },
    enter: async (channel, data) => {
      calls.push(`enter ${channel} ${data}`)
      if (refuses) throw new SynclineError('forbidden')
    },
    update: async (channel, data) => void calls.push(`update ${channel} ${data}`),
    exit: async (channel) => void calls.push(`exit ${channel}`),
  })
  const time = createVirtualTime()
  const client = plainTransportWithPresence<false, PlainClient<false>>(
    scripted.transport as never,
  ).createClient({ environment: time.environment })
  const presenceOf = (channel: string) =>
    (client.plain(channel) as unknown as { presence: EnteringPlainPresence }).presence
  const tell = (event: PlainTransportEvent) => scripted.attempts.at(-1)?.subscriber.next(event)
  return { time, scripted, client, calls, watching, presenceOf, tell }
}

it('joins the channel and watches it while somebody listens', () => {
  const { scripted, client, calls, watching, presenceOf } = setUp()
  const { members$, changes$ } = presenceOf('room')
  expect(client.status$.get().at).toBe('idle')
  const members = collect(members$)
  const changes = collect(changes$)
  scripted.open()
  expect(calls).toEqual(['join room'])
  watching.get('room')?.([member('ada')])
  const change = { type: 'enter', member: member('bob') } as const
  watching.get('room')?.([member('ada'), member('bob')], change)
  expect(members.values).toEqual([undefined, [member('ada')], [member('ada'), member('bob')]])
  expect(changes.values).toEqual([change])
  members.stop()
  expect(watching.size).toBe(1)
  changes.stop()
  expect(watching.size).toBe(0)
  expect(calls).toEqual(['join room', 'leave room'])
  expect(members$.get()).toBeUndefined()
})

it('knows nobody without a link, and watches again with the next', async () => {
  const { scripted, watching, presenceOf, time } = setUp()
  const members = collect(presenceOf('room').members$)
  scripted.open()
  watching.get('room')?.([member('ada')])
  scripted.fail()
  expect(members.values.at(-1)).toBeUndefined()
  await time.advance(1_000)
  watching.clear()
  scripted.open()
  watching.get('room')?.([member('bob')])
  expect(members.values).toEqual([undefined, [member('ada')], undefined, [member('bob')]])
})

it('enters until one exits, listened to or not', async () => {
  const { scripted, client, calls, presenceOf } = setUp()
  const room = presenceOf('room')
  await expect(room.enter('Ada')).rejects.toMatchObject({ code: 'not-connected', channel: 'room' })
  expect(client.status$.get().at).toBe('connecting')
  scripted.open()
  expect(calls).toEqual([])
  await room.enter('Ada')
  await room.update('Ada L.')
  await room.enter('Ada')
  await room.exit()
  expect(calls).toEqual([
    'join room',
    'enter room Ada',
    'update room Ada L.',
    'enter room Ada',
    'exit room',
    'leave room',
  ])
})

it('leaves the channel when it could not enter', async () => {
  const { scripted, client, calls, presenceOf } = setUp({ refuses: true })
  client.connect()
  scripted.open()
  await expect(presenceOf('room').enter('Ada')).rejects.toMatchObject({ code: 'forbidden' })
  expect(calls).toEqual(['join room', 'enter room Ada', 'leave room'])
})

it('is the same for the same channel, and not there for the whole connection', () => {
  const { client, presenceOf } = setUp()
  expect(presenceOf('room')).toBe(presenceOf('room'))
  expect(client.plain()).not.toHaveProperty('presence')
})

it('ends with the client', async () => {
  const { scripted, client, presenceOf } = setUp()
  const ended: string[] = []
  const room = presenceOf('room')
  room.members$.subscribe({ complete: () => ended.push('members') })
  room.changes$.subscribe({ complete: () => ended.push('changes') })
  scripted.open()
  client.close()
  expect(ended.sort()).toEqual(['changes', 'members'])
  await room.exit()
})

it('reports what failed and ended nothing', () => {
  const { scripted, client, tell } = setUp()
  const errors = collect(client.errors$)
  client.connect()
  scripted.open()
  tell({ type: 'error', error: new SynclineError('forbidden', { channel: 'room' }) })
  expect(errors.values).toMatchObject([{ code: 'forbidden', channel: 'room' }])
  expect(client.status$.get().at).toBe('connected')
})
