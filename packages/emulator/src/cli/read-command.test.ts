import { expect, test } from 'vitest'
import { readCommand } from './read-command.ts'

test('without options both start on their usual ports, on this machine only', () => {
  expect(readCommand([])).toEqual({
    do: 'start',
    settings: {
      host: '127.0.0.1',
      pusher: { port: 6001, appId: 'app', key: 'key', secret: 'secret', webhooks: undefined },
      ably: { port: 6002, key: 'emulator.key:secret' },
    },
  })
})

test('one alone can be started', () => {
  expect(readCommand(['--only', 'pusher'])).toMatchObject({ settings: { ably: undefined } })
  expect(readCommand(['--only=ably', '--ably-port=0'])).toMatchObject({
    settings: { pusher: undefined, ably: { port: 0 } },
  })
})

test.each([
  ['--help', 'help'],
  ['--version', 'version'],
])('%s', (option, action) => {
  expect(readCommand([option])).toEqual({ do: action })
})

test.each([
  ['--only', 'socket-io'],
  ['--pusher-port', 'http'],
  ['--pusher-port', '65536'],
  ['--ably-port', '-1'],
  ['--pusher-webhooks', 'localhost'],
  ['--cluster', 'eu'],
  ['start'],
  ['--host'],
])('%s %s is refused with a reason', (...args) => {
  expect(readCommand(args)).toEqual({ do: 'refuse', problem: expect.stringMatching(/./) })
})
