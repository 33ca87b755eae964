import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import {
  connected,
  createClientSdk,
  createServerSdk,
  next,
  startEmulator,
  subscribed,
} from './pusher-sdks.ts'

const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url))

/** The command in a process of its own; Node strips the types. */
const run = (...args: string[]) => {
  const child = spawn(process.execPath, ['--no-warnings', cli, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  const listeners = new Set<() => void>()
  const onData = (data: Buffer) => {
    output += data
    for (const listener of listeners) listener()
  }
  child.stdout.on('data', onData)
  child.stderr.on('data', onData)
  const exited = new Promise<{ code: number | null; output: string }>((resolve) =>
    child.on('close', (code) => resolve({ code, output })),
  )
  const says = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const check = () => {
        const match = pattern.exec(output)
        if (match) resolve(match)
      }
      listeners.add(check)
      check()
      void exited.then(() => reject(new Error(output)))
    })
  return { child, exited, says }
}

test('one command starts both, says how to reach them and ends when it is told to', async () => {
  const { child, exited, says } = run('--pusher-port=0', '--ably-port=0', '--pusher-key=mine')
  const [, port] = await says(/Pusher {4}http:\/\/127\.0\.0\.1:(\d+)/)
  const [, ablyPort] = await says(/Ably {6}http:\/\/127\.0\.0\.1:(\d+)/)
  await says(/Ready/)
  expect((await fetch(`http://127.0.0.1:${ablyPort}/time`)).status).toBe(200)

  const facts = { host: '127.0.0.1', port: Number(port), appId: 'app', key: 'mine', secret: 'secret' }
  const emulator = { ...facts, faults: {} as never, connections: () => [], close: async () => undefined }
  const client = await connected(createClientSdk(emulator))
  const event = next(await subscribed(client, 'private-todos'), 'created')
  await createServerSdk(emulator).trigger('private-todos', 'created', 1)
  expect(await event).toBe(1)
  client.disconnect()
  child.kill('SIGTERM')
  expect((await exited).code).toBe(0)
})

test('what is wrong is said, with what to do', async () => {
  expect(await run('--only=nobody').exited).toEqual({ code: 2, output: expect.stringContaining('Usage') })
  const { port } = await startEmulator()
  expect(await run('--only=pusher', `--pusher-port=${port}`).exited).toEqual({
    code: 1,
    output: `Port ${port} is taken. Choose others with --pusher-port and --ably-port.\n`,
  })
})

test('help and version', async () => {
  expect(await run('--help').exited).toEqual({ code: 0, output: expect.stringContaining('--pusher-port') })
  expect(await run('--version').exited).toEqual({
    code: 0,
    output: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
  })
})
