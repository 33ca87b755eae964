import { createDefaultEnvironment, type TransportEvent } from '@syncline/core'
import { type ClientFrame, PROTOCOL_VERSION } from '@syncline/core/protocol'
import { eventually } from '@syncline/testing'
import { watch } from '@syncline/testing/adapter'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ably } from '../src/index.ts'
import { local, untilListeners } from './emulated.ts'
import { startWorld } from './world.ts'

const hello: ClientFrame = { type: 'hello', version: PROTOCOL_VERSION, client: 'c1' }
const join = (room: string): ClientFrame => ({ type: 'join', channel: `talk/${room}` })
const leave = (room: string): ClientFrame => ({ type: 'leave', channel: `talk/${room}` })

/** A session whose tokens, once the gate is closed, come when the test lets them pass. */
const openSession = async () => {
  const world = await startWorld()
  const gate = { closed: false, held: [] as (() => void)[] }
  const gated = async (url: string, init: RequestInit) => {
    const answer = await fetch(url, init)
    if (!gate.closed || !url.endsWith('/token')) return answer
    const text = await answer.text()
    await new Promise<void>((pass, fail) => {
      gate.held.push(pass)
      init.signal?.addEventListener('abort', fail)
    })
    return new Response(text)
  }
  const environment = { ...createDefaultEnvironment(), fetch: gated as typeof globalThis.fetch }
  const complaints: string[] = []
  const settings = {
    ...local(world.emulator),
    useBinaryProtocol: false,
    logLevel: 1,
    logHandler: (line: string) => complaints.push(line),
  }
  const session = ably(world.url, settings as object).open(environment)
  onTestFinished(() => session.dispose())
  const link = watch(session.attempt({ token: 'ada', frames: [hello] }))
  onTestFinished(() => link.subscription.unsubscribe())
  const { send } = await link.until(
    (event): event is Extract<TransportEvent, { type: 'open' }> => event.type === 'open',
  )
  const told = (kind: string) =>
    link.events
      .flatMap(
        (event) =>
          (event.type === 'frames' ? event.frames : []) as readonly { type: string; channel: string }[],
      )
      .filter(({ type }) => type === kind)
      .map(({ channel }) => channel)
  const answered = (count: number) =>
    eventually(() => told('joined').length + told('refused').length >= count)
  return { world, gate, link, complaints, send, told, answered }
}

test('a channel that is joined again after the token has changed is granted anew', async () => {
  const { send, told, answered } = await openSession()
  send([join('home')])
  await answered(1)
  send([leave('home')])
  send([join('other')])
  await answered(2)
  send([join('home')])
  await answered(3)
  expect(told('refused')).toEqual([])
})

test('a channel waits for the token that grants it, and not only for the word that there is one', async () => {
  const { gate, send, told, answered } = await openSession()
  gate.closed = true
  send([join('home')])
  await eventually(() => gate.held.length === 1)
  send([join('other')])
  await eventually(() => gate.held.length === 2)
  // Never used, for the SDK takes the one that it asked for last.
  gate.held[0]?.()
  send([{ type: 'ping' }])
  await eventually(() => told('pong').length > 0)
  send([leave('another')])
  gate.held[1]?.()
  await answered(2)
  expect(told('refused')).toEqual([])
  expect(told('joined').toSorted()).toEqual(['talk/home', 'talk/other'])
})

test('a token that nobody waits for any more is no complaint in the console', async () => {
  const { gate, link, complaints, send } = await openSession()
  gate.closed = true
  send([join('home')])
  await eventually(() => gate.held.length === 1)
  link.subscription.unsubscribe()
  // What follows from the request's end.
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve))
  expect(complaints).toEqual([])
})

describe('a channel that Ably lets go of, for its token came without it', () => {
  test('is heard again where the hub grants it, and nothing is lost', async () => {
    const { world, gate, send, told, answered } = await openSession()
    send([join('home')])
    await answered(1)
    gate.closed = true
    world.closed.add('home')
    world.emulator.faults.expireTokens()
    await eventually(() => gate.held.length === 1)
    gate.closed = false
    world.closed.delete('home')
    const before = told('pong').length
    gate.held[0]?.()
    // Asks for the head once it is back.
    await eventually(() => told('pong').length > before)
    await untilListeners(world.rest, 'syncline:talk/home', 1)
    await world.say('heard')
    await eventually(() => told('messages').length > 0)
    expect(told('refused')).toEqual([])
  })

  test('is refused where the hub does not grant it', async () => {
    const { world, send, told, answered } = await openSession()
    send([join('home')])
    await answered(1)
    world.closed.add('home')
    world.emulator.faults.expireTokens()
    await answered(2)
    expect(told('refused')).toEqual(['talk/home'])
  })
})
