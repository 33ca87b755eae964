import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { WebSocket } from 'ws'
import { createLink } from './link.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A socket whose peer reads nothing. */
const createStuckSocket = () => {
  const sent: unknown[] = []
  const socket = Object.assign(new EventEmitter(), {
    OPEN: 1,
    readyState: 1,
    bufferedAmount: 0,
    send: (frame: string) => {
      sent.push(frame)
      socket.bufferedAmount += frame.length
    },
    close: (code: number) => sent.push(code),
    terminate: vi.fn(),
    pause: vi.fn(),
  })
  return { socket, sent }
}

const open = (delay = 0) => {
  const { socket, sent } = createStuckSocket()
  const onClosed = vi.fn()
  const onFrame = vi.fn()
  const link = createLink(socket as unknown as WebSocket, {
    delay: () => delay,
    maxBufferedBytes: 10,
    onFrame,
    onClosed,
  })
  return { socket, sent, onClosed, onFrame, link }
}

test('a client that reads too slowly is dropped, once', () => {
  const { link, socket, sent, onClosed } = open()
  link.send('12345')
  link.send('67890')
  expect(link.open).toBe(true)
  link.send('!')
  link.send('more')
  expect(sent).toEqual(['12345', '67890', '!'])
  expect(socket.terminate).toHaveBeenCalledOnce()
  expect(onClosed).toHaveBeenCalledOnce()
})

test('what was sent before closing goes out before it, also with a delay', () => {
  const { link, sent, onClosed } = open(100)
  link.send('last')
  link.close(4009, 'bye')
  link.send('too late')
  expect([sent, onClosed.mock.calls.length, link.open]).toEqual([[], 1, false])
  vi.advanceTimersByTime(100)
  expect(sent).toEqual(['last', 4009])
})

test('a silent link says and hears nothing, not even its end, until it is dropped', () => {
  const { link, socket, sent, onFrame, onClosed } = open()
  link.silence()
  link.send('hello')
  socket.emit('message', Buffer.from('hello'), false)
  link.close(4201)
  expect(sent).toEqual([])
  expect(onFrame).not.toHaveBeenCalled()
  expect(onClosed).toHaveBeenCalledOnce()
  expect(socket.terminate).not.toHaveBeenCalled()
  link.drop()
  expect(socket.terminate).toHaveBeenCalledOnce()
  expect(onClosed).toHaveBeenCalledOnce()
})

test('dropping forgets what a delay holds back, in both directions', () => {
  const { link, socket, sent, onFrame } = open(100)
  link.send('hello')
  socket.emit('message', Buffer.from('hello'), false)
  link.drop()
  vi.advanceTimersByTime(1_000)
  expect(sent).toEqual([])
  expect(onFrame).not.toHaveBeenCalled()
})
