import { defineChannel, type OldWrite, type } from '@syncline/core'
import type { ClientFrame, WireAnswer, WireWrite } from '@syncline/core/protocol'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { startTestHub } from '../testing/test-hub.ts'
import type { TestPeer } from '../testing/test-peer.ts'

const Note = z.object({ title: z.string(), done: z.boolean() })
type Note = z.infer<typeof Note>
type Upgrade = (write: OldWrite) => Pick<OldWrite, 'name' | 'data'> | undefined

/** Version 3 of notes: version 1 had `note:add` without `done`, version 2 nothing that can be understood any more. */
const notes = (upgradeWrite?: Upgrade) =>
  defineChannel('notes', {
    version: 3,
    snapshot: type<readonly Note[]>(),
    events: { 'note:added': Note, 'note:opened': z.object({ by: z.string() }) },
    mutations: { 'note:create': { input: Note, output: Note } },
    publish: ['note:opened'],
    ...(upgradeWrite && { upgradeWrite }),
  })

const upgrade: Upgrade = ({ version, name, data }) => {
  if (version !== 1) return undefined
  if (name === 'note:add') return { name: 'note:create', data: { ...(data as object), done: false } }
  if (name === 'opened') return { name: 'note:opened', data: { by: data } }
  return undefined
}

const start = async (upgradeWrite?: Upgrade) => {
  const { hub, client, time } = startTestHub()
  const taken: Note[] = []
  hub.serve(notes(upgradeWrite), {
    snapshot: () => taken,
    mutations: {
      'note:create': ({ input, publish }) => {
        taken.push(input)
        publish('note:added', input)
        return input
      },
    },
  })
  const peer = await client({ frames: [{ type: 'join', channel: 'notes' }] })
  await time.settle()
  const write = async (...list: readonly WireWrite[]): Promise<void> => {
    const address = { channel: 'notes', client: 'client', generation: 1 }
    peer.send({ type: 'writes', ...address, answered: 0, writes: list } as ClientFrame)
    await time.settle()
  }
  return { peer, taken, write }
}

const mutate = (n: number, name: string, data: unknown, version: number): WireWrite => [
  n,
  `w${n}`,
  'mutate',
  name,
  data,
  version,
]
const answersOf = (peer: TestPeer): readonly WireAnswer[] =>
  peer.all('answers').flatMap(({ answers }) => answers)
const outcomesOf = (peer: TestPeer) =>
  answersOf(peer).map((answer) => (answer[2] === 'rejected' ? answer[3].code : answer[2]))
const messagesOf = (peer: TestPeer) =>
  peer.all('messages').flatMap(({ messages }) => messages.map((message) => message.slice(3, 6)))

it('understands a mutation and an event of an older contract as its upgrade has them', async () => {
  const { peer, taken, write } = await start(upgrade)
  await write(mutate(1, 'note:add', { title: 'old' }, 1), [2, 'w2', 'publish', 'opened', 'ada', 1])
  expect(outcomesOf(peer)).toEqual(['accepted', 'accepted'])
  expect(answersOf(peer)[0]?.[3]).toEqual({ title: 'old', done: false })
  expect(taken).toEqual([{ title: 'old', done: false }])
  expect(messagesOf(peer)).toEqual([
    ['note:added', { title: 'old', done: false }, 'w1'],
    ['note:opened', { by: 'ada' }, 'w2'],
  ])
})

it('refuses as outdated what cannot be upgraded, though it would fit, and goes on with what is new', async () => {
  const { peer, taken, write } = await start()
  const fits = { title: 'fits', done: true }
  const current = { title: 'new', done: true }
  await write(mutate(1, 'note:create', fits, 1), mutate(2, 'note:create', current, 3))
  expect(outcomesOf(peer)).toEqual(['contract-outdated', 'accepted'])
  expect(taken).toEqual([current])
  expect(messagesOf(peer)).toEqual([['note:added', current, 'w2']])
})

it('refuses as outdated what its upgrade leaves out, and what a newer contract made', async () => {
  const asked: OldWrite[] = []
  const { peer, taken, write } = await start((old) => {
    asked.push(old)
    return upgrade(old)
  })
  const fits = { title: 'fits', done: true }
  await write(mutate(1, 'note:create', fits, 2), mutate(2, 'note:create', fits, 4))
  expect(outcomesOf(peer)).toEqual(['contract-outdated', 'contract-outdated'])
  expect(asked).toEqual([{ version: 2, kind: 'mutate', name: 'note:create', data: fits }])
  expect(taken).toEqual([])
})

it('checks what its upgrade made like any other write', async () => {
  const { peer, taken, write } = await start(({ name, data }) => ({ name, data }))
  await write(mutate(1, 'note:create', { title: 'not done' }, 1), mutate(2, 'note:add', { title: 'a' }, 1))
  expect(outcomesOf(peer)).toEqual(['schema-violation', 'unknown-mutation'])
  expect(taken).toEqual([])
})
