import { createVirtualTime } from '@syncline/testing'
import { expect, it } from 'vitest'
import { board, createTestHub } from '../testing/test-hub.ts'
import { createTestGateway, type TestPeer } from '../testing/test-peer.ts'

/** A hub on which a round of fan-out takes 8 ms, and two clients on a board. */
const setUp = async () => {
  const time = createVirtualTime()
  let spent = 0
  const { deliver, ...rest } = createTestGateway()
  const gateway = {
    ...rest,
    deliver: (...args: Parameters<NonNullable<typeof deliver>>) => {
      spent += 8
      deliver?.(...args)
    },
  }
  const environment = { ...time.environment, now: () => time.environment.now() + spent }
  const { hub, client } = createTestHub({ time, gateway, environment })
  hub.serve(board, {})
  await hub.ready
  const peers = [await client({ client: 'a' }), await client({ client: 'b' })]
  for (const peer of peers) peer.send({ type: 'join', channel: 'board/1' })
  await time.settle()
  let x = 0
  const publish = async (count = 1) => {
    const published = Array.from({ length: count }, () =>
      hub.publish(board, { id: '1' }, 'moved', { x: ++x }),
    )
    await Promise.all(published)
  }
  return { time, hub, peers, publish }
}

/** How many messages came in each frame. */
const sizes = (peer: TestPeer | undefined) => peer?.all('messages').map(({ messages }) => messages.length)
const values = (peer: TestPeer | undefined) =>
  peer?.all('messages').flatMap(({ messages }) => messages.map(([, , , , data]) => (data as { x: number }).x))

it('sends each message at once to idle clients, however long it takes', async () => {
  const { time, peers, publish } = await setUp()
  for (let round = 1; round <= 5; round++) {
    await publish()
    expect(sizes(peers[0])).toHaveLength(round)
    await time.advance(9)
  }
})

it('gathers while rounds follow one another without a pause, and loses and reorders nothing', async () => {
  const { time, peers, publish } = await setUp()
  for (let n = 0; n < 20; n++) await publish()
  expect(sizes(peers[0])).toEqual([1, 1, 1])
  await time.advance(7)
  expect(sizes(peers[0])).toEqual([1, 1, 1])
  await time.advance(1)
  expect(sizes(peers[0])).toEqual([1, 1, 1, 17])
  await publish()
  await time.advance(8)
  // The one that waited alone ends it.
  await publish()
  for (const peer of peers) {
    expect(sizes(peer)).toEqual([1, 1, 1, 17, 1, 1])
    expect(values(peer)).toEqual(Array.from({ length: 22 }, (_, index) => index + 1))
  }
})

it('sends a full frame at once, and what is held back before the hub says bye', async () => {
  const { time, hub, peers, publish } = await setUp()
  for (let n = 0; n < 4; n++) await publish()
  await publish(63)
  expect(sizes(peers[0])).toEqual([1, 1, 1, 64])
  await publish(2)
  expect(sizes(peers[0])).toEqual([1, 1, 1, 64])
  const closing = hub.close()
  await time.settle()
  await closing
  expect(sizes(peers[0])).toEqual([1, 1, 1, 64, 2])
  expect(peers[0]?.frames.at(-1)?.type).toBe('bye')
})

it('holds nothing back once those it was for have left or stand aside', async () => {
  const { time, peers, publish } = await setUp()
  for (let n = 0; n < 4; n++) await publish()
  for (const peer of peers) peer.send({ type: 'leave', channel: 'board/1' })
  await time.advance(8)
  for (const peer of peers) peer.send({ type: 'join', channel: 'board/1' })
  await time.settle()
  await publish()
  for (const peer of peers) expect(sizes(peer)).toEqual([1, 1, 1, 1])
})
