#!/usr/bin/env node
import { readFile } from 'node:fs/promises'
import { startAblyEmulator } from './ably/start-ably-emulator.ts'
import { describeAbly, describePusher } from './cli/describe.ts'
import { HELP, readCommand, type Settings } from './cli/read-command.ts'
import { startPusherEmulator } from './pusher/start-pusher-emulator.ts'

const print = (text: string) => process.stdout.write(text)

const start = async ({ host, pusher, ably }: Settings) => {
  const running: { close(): Promise<void> }[] = []
  if (pusher) {
    const { webhooks, ...settings } = pusher
    const emulator = await startPusherEmulator({
      host,
      ...settings,
      ...(webhooks && { webhooks: { url: webhooks } }),
    })
    running.push(emulator)
    print(describePusher(emulator))
  }
  if (ably) {
    const emulator = await startAblyEmulator({ host, port: ably.port, keys: [{ key: ably.key }] })
    running.push(emulator)
    print(describeAbly(emulator))
  }
  print('\nReady. Nothing is kept when you stop it with Ctrl+C.\n')
  const stop = () => void Promise.all(running.map((emulator) => emulator.close())).then(() => process.exit())
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
}

const version = async () => {
  const manifest = await readFile(new URL('../package.json', import.meta.url), 'utf8')
  return JSON.parse(manifest).version as string
}

const fail = (problem: string, code: number) => {
  process.stderr.write(`${problem}\n`)
  process.exit(code)
}

const explain = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  if (!('code' in error)) return error.message
  const { code, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number }
  if (code === 'EADDRINUSE') return `Port ${port} is taken. Choose others with --pusher-port and --ably-port.`
  if (code === 'EADDRNOTAVAIL') return `This machine has no address ${address}. Choose another with --host.`
  return error.message
}

const command = readCommand(process.argv.slice(2))
if (command.do === 'help') print(HELP)
else if (command.do === 'version') print(`${await version()}\n`)
else if (command.do === 'refuse') fail(`${command.problem}\n\n${HELP}`, 2)
else await start(command.settings).catch((error: unknown) => fail(explain(error), 1))
